"""People write on WhatsApp while what answers them is killed again and again."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import requests

from tests.memory.crash import kill
from tests.memory.test_at_rest import superuser
from tests.support.graph_api import ALICE_PHONE, BOB_PHONE, GraphApi, post, text_message, webhook
from tests.support.server import Server, wait_until

CLIENTS, MOST_OPEN = 4, 6
VICTIMS = {"API worker": 12, "connection": 4, "PostgreSQL": 1, "engine": 1}


class Outcome(msgspec.Struct, frozen=True):
    """What became of messages.

    Attributes:
        messages: How many were acknowledged.
        answered: How many of them were settled with an answer.
        sent: Answers that Meta got.
        sent_twice: Answers that Meta got more than once.
        uncertain: Answers of which the program says that it does not know.
        lost: Answers that neither Meta got nor the program calls uncertain.
        asked_twice: Messages that are in their conversation more than once.
        repeated: Webhooks that were sent again, for want of an acknowledgment.
        kills: How often each victim was killed.
        interrupted: Kills while a message was on its way to Meta, or Meta's answer on its way back.
    """

    messages: int
    answered: int
    sent: int
    sent_twice: int
    uncertain: int
    lost: int
    asked_twice: int
    repeated: int
    kills: dict[str, int]
    interrupted: int


def write_through_kills(server: Server, graph: GraphApi, *, kills: int, seed: int) -> Outcome:
    """Write until so many processes were killed; then wait until all is settled."""
    chance = random.Random(seed)
    killed: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    ended = threading.Event()

    def write(client: int) -> None:
        number = 0
        while not ended.is_set():
            number += 1
            phone = (ALICE_PHONE, BOB_PHONE)[client % 2]
            body = webhook(text_message(f"Parcel {client}-{number}?", phone=phone))
            while not _acknowledged(server, body):
                counts["repeated"] += 1
                time.sleep(0.05)
            counts["messages"] += 1
            _let_it_answer(graph, counts["messages"])

    def kill_some() -> None:
        try:
            while killed.total() < kills:
                # Mostly while a message is on its way: that is where something could go wrong.
                _wait_for_traffic(graph, 5.0)
                time.sleep(chance.uniform(0, graph.delay_s))
                (victim,) = chance.choices(list(VICTIMS), list(VICTIMS.values()))
                busy = graph.busy > 0
                if kill(server, victim, chance):
                    killed[victim] += 1
                    counts["interrupted"] += busy
        finally:
            ended.set()

    threads = [threading.Thread(target=kill_some)]
    with ThreadPoolExecutor(CLIENTS) as pool:
        threads[0].start()
        list(pool.map(write, range(CLIENTS)))
    threads[0].join()
    _settle(server)
    return _count(server, graph, counts, killed)


def _acknowledged(server: Server, body: Any) -> bool:
    with contextlib.suppress(requests.RequestException):
        return post(server.url, body).status_code == 200
    return False


def _let_it_answer(graph: GraphApi, messages: int) -> None:
    """Wait while many messages have no answer yet; not for ever, because some never get one."""
    deadline = time.monotonic() + 3
    while messages - len(graph.sent) > MOST_OPEN and time.monotonic() < deadline:
        time.sleep(0.02)


def _wait_for_traffic(graph: GraphApi, limit_s: float) -> None:
    deadline = time.monotonic() + limit_s
    while not graph.busy and time.monotonic() < deadline:
        time.sleep(0.002)


def _settle(server: Server) -> None:
    """Until every message is dealt with, and every answer sent or given up."""

    def open_ones() -> int:
        with contextlib.suppress(Exception), superuser(server) as connection:
            row = connection.execute(
                "SELECT count(*) FROM jobs WHERE settled_at IS NULL"
                " AND (queue = 'whatsapp_inbox' OR queue LIKE 'outbox.%')"
            ).fetchone()
            assert row is not None
            return int(row[0])
        return -1

    wait_until(lambda: open_ones() == 0, 600, "everything settled")


def _count(server: Server, graph: GraphApi, counts: Counter[str], killed: Counter[str]) -> Outcome:
    with superuser(server) as connection:

        def rows(query: str) -> list[Any]:
            return connection.execute(query.encode()).fetchall()

        def outbox(condition: str) -> list[Any]:
            return rows(f"SELECT id FROM jobs WHERE queue LIKE 'outbox.%' AND {condition}")

        answered = {str(r[0]) for r in outbox("state = 'done'")}
        uncertain = {str(r[0]) for r in outbox("state = 'uncertain'")}
        everything = {str(r[0]) for r in outbox("true")}
        ((settled,),) = rows(
            "SELECT count(*) FROM jobs WHERE queue = 'whatsapp_inbox' AND state = 'done'"
        )
        asked = rows(
            "SELECT count(*) FILTER (WHERE role = 'user'), count(*) FILTER (WHERE role <> 'user')"
            " FROM messages WHERE conversation_id LIKE 'whatsapp-%'"
        )
    copies = Counter(message["biz_opaque_callback_data"] for message in graph.sent)
    assert answered <= copies.keys(), "an answer counts as sent that Meta never got"
    return Outcome(
        messages=counts["messages"],
        answered=settled,
        sent=len(copies),
        sent_twice=sum(times - 1 for times in copies.values()),
        uncertain=len(uncertain),
        lost=len(everything - copies.keys() - uncertain),
        asked_twice=asked[0][0] - settled,
        repeated=counts["repeated"],
        kills=dict(killed),
        interrupted=counts["interrupted"],
    )
