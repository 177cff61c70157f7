"""Pulling the plug while memories are stored: what was acknowledged has to be there afterwards."""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections.abc import Callable

from image.boot.api import Client, remember
from image.boot.machine import Machine

READY_S = 900.0


class Writer:
    """Stores memories one after the other until the machine is gone.

    Args:
        client: stores them.
        label: what they begin with.
        pause_s: between two, where something else is to go on as well.

    Attributes:
        acknowledged: id and text of each that was acknowledged.
    """

    def __init__(self, client: Client, label: str, pause_s: float = 0.0) -> None:
        self.acknowledged: dict[str, str] = {}
        self._client = client
        self._label = label
        self._pause_s = pause_s
        self._thread = threading.Thread(target=self._write)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def join(self) -> None:
        """Wait for the end, which the machine's end causes."""
        self._thread.join(60)

    def _write(self) -> None:
        number = 0
        while True:
            number += 1
            # Unlike each other, or they would be taken for the same.
            text = (
                f"{self._label} {number}: the code of shelf {random.getrandbits(64):x} is {number}"
            )
            try:
                self.acknowledged[remember(self._client, text)] = text
            except (OSError, http.client.HTTPException):
                return
            except RuntimeError:
                time.sleep(0.5)  # it asked for patience
            time.sleep(self._pause_s)


def missing(client: Client, acknowledged: dict[str, str]) -> list[str]:
    """Acknowledged memories that are not there as they were."""
    found = {memory["id"]: memory["content"] for memory in client.lines("/v1/memories/export")}
    return [key for key, text in acknowledged.items() if found.get(key) != text]


def run(
    machine: Machine, client: Client, count: int, tell: Callable[[str], None], seed: int = 9
) -> int:
    """Kill it `count` times in mid-write; returns how many acknowledged memories were lost."""
    chance = random.Random(seed)
    everything: dict[str, str] = {}
    lost: set[str] = set()
    for number in range(1, count + 1):
        writer = Writer(client, f"round {number}")
        writer.start()
        time.sleep(chance.uniform(2.0, 8.0))
        machine.kill()
        writer.join()
        everything |= writer.acknowledged
        machine.start()
        took = client.wait("/ready", lambda status, _: status == 200, READY_S)
        gone = missing(client, everything)
        lost |= set(gone)
        tell(
            f"kill {number}: {len(writer.acknowledged)} acknowledged, {len(everything)} in all, "
            f"{len(gone)} missing, ready after {took:.0f} s"
        )
    return len(lost)
