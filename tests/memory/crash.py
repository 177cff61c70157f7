"""Memories that are written over HTTP while what stores them is killed again and again."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import requests

from tests.memory.support import search
from tests.support.patience import PATIENCE_S
from tests.support.server import Server, command_line, wait_until
from tests.support.victims import victims

WRITERS = 4
RETRY_S = 0.05
TRIES = 1200
# How often each is killed, compared with the others.
VICTIMS = {"API worker": 8, "PostgreSQL backend": 5, "PostgreSQL": 2, "engine": 2, "everything": 1}


class Written(msgspec.Struct, frozen=True):
    """What clients know when they have sent everything.

    Attributes:
        acknowledged: The id that came back for each content.
        repeated: Contents that were sent more than once, for want of an answer.
        kills: How often each victim was killed.
    """

    acknowledged: dict[str, str]
    repeated: list[str]
    kills: Counter[str]


class Counts(msgspec.Struct, frozen=True):
    """How many of the acknowledged memories are there, are found, and how many are there twice."""

    acknowledged: int
    there: int
    found: int
    twice: int
    repeated: int


def write_through_kills(server: Server, count: int, *, between: int, seed: int) -> Written:
    """Store `count` memories; about every `between` acknowledgments something is killed.

    A client sends a memory again until it is acknowledged, as a careful one does.
    """
    acknowledged: dict[str, str] = {}
    repeated: list[str] = []
    kills: Counter[str] = Counter()
    done = threading.Event()

    def write(number: int) -> None:
        content = f"Parcel {number} with seal {number * 7919 % 100_003} is in locker {number % 97}"
        for attempt in range(TRIES):
            if attempt == 1:
                repeated.append(content)
            if memory := _sent(server, content):
                acknowledged[content] = memory["id"]
                return
            time.sleep(RETRY_S)
        raise AssertionError(f"not stored after {TRIES} attempts: {content}")

    def kill_some() -> None:
        chance = random.Random(seed)
        while not done.is_set():
            goal = len(acknowledged) + chance.randint(1, 2 * between)
            while len(acknowledged) < goal and not done.wait(0.002):
                pass
            time.sleep(chance.uniform(0, 0.03))
            if not done.is_set():
                (victim,) = chance.choices(list(VICTIMS), list(VICTIMS.values()))
                if kill(server, victim, chance):
                    kills[victim] += 1

    killer = threading.Thread(target=kill_some)
    killer.start()
    try:
        with ThreadPoolExecutor(WRITERS) as pool:
            list(pool.map(write, range(count)))
    finally:
        done.set()
        killer.join()
    return Written(acknowledged, repeated, kills)


def count_what_is_left(server: Server, written: Written) -> Counts:
    """Look for every acknowledged memory in the list, in the search, and for second ones."""
    listed: dict[str, str] = {}
    contents: Counter[str] = Counter()
    for offset in itertools.count(0, 500):
        page = server.request("GET", f"/v1/memories?limit=500&offset={offset}").json()
        listed |= {memory["id"]: memory["content"] for memory in page}
        contents.update(memory["content"] for memory in page)
        if len(page) < 500:
            break
    found = sum(
        identifier in {row["id"] for row in search(server, content, limit=3)}
        for content, identifier in written.acknowledged.items()
    )
    return Counts(
        acknowledged=len(written.acknowledged),
        there=sum(listed.get(i) == content for content, i in written.acknowledged.items()),
        found=found,
        twice=sum(count - 1 for count in contents.values()),
        repeated=len(written.repeated),
    )


def wait_for_vectors(server: Server, total: int) -> None:
    """Until the model has read what was stored while it was away."""

    def all_read() -> bool:
        stats = server.request("GET", "/v1/memories/stats").json()
        return bool(stats["embedding"]["embedded"] == total == stats["total"])

    wait_until(all_read, 90, "a vector of every memory")


def _sent(server: Server, content: str) -> dict[str, Any] | None:
    body = {"content": content, "summary": content, "memory_type": "fact"}
    with contextlib.suppress(requests.RequestException):
        reply = server.request("POST", "/v1/memories", json=body, timeout=30)
        if reply.status_code == 201:
            memory: dict[str, Any] = reply.json()
            return memory
        assert reply.status_code == 503, reply.text
    return None


def kill(server: Server, victim: str, chance: random.Random) -> bool:
    """SIGKILL, and its end, so that it takes no more requests; False: there was nobody to kill."""
    if victim == "everything":
        server.kill_everything()
        server.start()
        return True
    found = victims(server)[victim]
    if not found:
        return False
    chosen = chance.choice(found)
    with contextlib.suppress(ProcessLookupError):
        os.kill(chosen, signal.SIGKILL)
        wait_until(lambda: not command_line(chosen), PATIENCE_S, f"the end of {victim}")
        return True
    return False
