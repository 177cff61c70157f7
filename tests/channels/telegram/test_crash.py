"""Whatever is killed while people write on Telegram, each answer is sent once, or reported."""

from __future__ import annotations

import contextlib
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.memory.crash import kill
from tests.memory.test_at_rest import superuser
from tests.support.server import ALICE_KEY, Server, wait_until
from tests.support.telegram_api import TelegramApi, settings

VICTIMS = {"API worker": 12, "connection": 4, "PostgreSQL": 1}
KILLS, MOST_OPEN = 8, 6


class Own(NamedTuple):
    server: Server
    telegram: TelegramApi


@pytest.fixture
def own(models_dir: Path, data_dir: Path) -> Iterator[Own]:
    with TelegramApi() as telegram:
        more = {"PISOVEREIGN_SERVER__WORKERS": "2", "PISOVEREIGN_TELEGRAM__TIMEOUT_S": "1"}
        server = Server(data_dir, models_dir, **settings(telegram.url, **more)).start()
        code = server.request("POST", "/v1/telegram/codes", key=ALICE_KEY).json()["code"]
        telegram.write(f"/start {code}")
        telegram.wait_for(1)
        telegram.clear()
        yield Own(server, telegram)
        server.remove()


def test_each_answer_is_sent_once_or_reported(own: Own) -> None:
    server, telegram = own
    telegram.delay_s = 0.2
    chance = random.Random(5)
    ended = threading.Event()
    kills: Counter[str] = Counter()
    interrupted: list[str] = []

    def kill_some() -> None:
        try:
            while kills.total() < KILLS:
                deadline = time.monotonic() + 5.0
                while not telegram.busy and time.monotonic() < deadline:
                    time.sleep(0.002)
                time.sleep(chance.uniform(0, telegram.delay_s))
                (victim,) = chance.choices(list(VICTIMS), list(VICTIMS.values()))
                busy = telegram.busy > 0
                if kill(server, victim, chance):
                    kills[victim] += 1
                    interrupted.extend([victim] * busy)
        finally:
            ended.set()

    killer = threading.Thread(target=kill_some)
    killer.start()
    written = 0
    while not ended.is_set():
        # Each has an answer of its own, which no model gives.
        written += 1
        telegram.write(f"What is {written} plus 3000?")
        deadline = time.monotonic() + 3
        while written - len(telegram.sent) > MOST_OPEN and time.monotonic() < deadline:
            time.sleep(0.02)
    killer.join()
    wait_until(lambda: open_jobs(server) == (written, 0), 600, "everything settled")
    sums = Counter(re.findall(r"\b3[.,]?\d{3}\b", " ".join(telegram.texts()).replace("3000", "")))
    uncertain = outbox(server, "uncertain")
    twice = {each: times for each, times in sums.items() if times > 1}
    print(f"{written} messages, {uncertain} uncertain, {kills}, on the way: {interrupted}")
    assert twice == {}
    assert outbox(server, "failed") == 0
    assert outbox(server, "done") + uncertain == written
    assert outbox(server, "done") <= len(telegram.sent) <= written
    assert interrupted


def open_jobs(server: Server) -> tuple[int, int]:
    """How many messages were taken in, and how many of all jobs are open."""
    query = (
        "SELECT count(*) FILTER (WHERE queue = 'telegram_inbox' AND kind = 'text'),"
        " count(*) FILTER (WHERE settled_at IS NULL) FROM jobs"
        " WHERE queue IN ('telegram_inbox', 'outbox.telegram')"
    )
    with contextlib.suppress(Exception), superuser(server) as connection:
        row = connection.execute(query).fetchone()
        assert row is not None
        return int(row[0]), int(row[1])
    return -1, -1


def outbox(server: Server, state: str) -> int:
    """How many answers ended so."""
    query = (
        "SELECT count(*) FROM jobs j WHERE queue = 'outbox.telegram' AND state = %s AND EXISTS"
        " (SELECT FROM jobs i WHERE i.queue = 'telegram_inbox' AND i.kind = 'text'"
        "  AND i.id = j.subject)"
    )
    with superuser(server) as connection:
        row = connection.execute(query, (state,)).fetchone()
        assert row is not None
        return int(row[0])
