"""Kill any process of the program while a household writes, and time how soon all works again."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from collections.abc import Iterator

import msgspec

from tests.supervisor.mixed_writes import MixedWrites
from tests.support.patience import PATIENCE_S
from tests.support.server import Server
from tests.support.victims import victims

# How often each is killed, compared with the others.
VICTIMS = {
    "API worker": 5,
    "API": 4,
    "engine": 5,
    "runner": 3,
    "PostgreSQL backend": 4,
    "PostgreSQL": 4,
    "supervisor": 2,
    "everything": 1,
}
RECOVERY_LIMIT_S = 90.0
LONGEST_PAUSE_S = 0.7


class Kill(msgspec.Struct, frozen=True):
    """One kill, and the seconds until each kind of write that was begun after it succeeded."""

    victim: str
    seconds: dict[str, float]

    @property
    def recovery_s(self) -> float:
        """Return the seconds until all kinds work again."""
        return max(self.seconds.values())


def kill_again_and_again(
    server: Server, writes: MixedWrites, count: int, *, seed: int, until: float
) -> Iterator[Kill]:
    """Kill `count` processes, one after the other, each once all works after the one before.

    Args:
        server: What is killed.
        writes: What goes on meanwhile.
        count: How often.
        seed: Of the choice and of the pauses between.
        until: When to stop in any case, by `time.monotonic`.

    Raises:
        AssertionError: Something does not work again.
    """
    chance = random.Random(seed)
    done = 0
    while done < count and time.monotonic() < until:
        threading.Event().wait(chance.uniform(0, LONGEST_PAUSE_S))
        (victim,) = chance.choices(list(VICTIMS), list(VICTIMS.values()))
        if (moment := kill(server, victim, chance)) is not None:
            yield Kill(victim, writes.wait_for_all(moment, RECOVERY_LIMIT_S))
            done += 1


def kill(server: Server, victim: str, chance: random.Random) -> float | None:
    """Send SIGKILL, and return when; None: there was nobody to kill."""
    if victim in ("supervisor", "everything"):
        return _kill_from_the_top(server, whole=victim == "everything")
    found = victims(server)[victim]
    if victim == "runner":  # the others end with the first
        found = found[:1]
    if not found:
        return None
    chosen = chance.choice(found)
    with contextlib.suppress(ProcessLookupError):
        os.kill(chosen, signal.SIGKILL)
        return time.monotonic()
    return None


def _kill_from_the_top(server: Server, *, whole: bool) -> float:
    """Kill the supervisor, or everything, and start it again at once, as systemd would."""
    assert server.process is not None
    moment = time.monotonic()
    if whole:
        server.kill_everything()
    else:
        server.process.kill()
        server.process.wait(PATIENCE_S)
    server.start(wait=False)
    return moment
