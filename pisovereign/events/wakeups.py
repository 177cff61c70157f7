"""How tasks of one process tell each other that a stream has something new."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID


class Wakeups:
    """Wakes those who wait for something of a user.

    It only saves time: who waits also looks by itself now and then, because what another process
    did is not heard here.

    Attributes:
        ended: The process is about to end; nobody should go on waiting.
    """

    def __init__(self) -> None:
        self.ended = False
        self._waiting: dict[UUID, set[asyncio.Event]] = {}

    def wake(self, user: UUID) -> None:
        """Wake everybody who waits for `user`; to be called after the commit."""
        for wakeup in self._waiting.get(user, ()):
            wakeup.set()

    def end(self) -> None:
        """Wake everybody for the last time."""
        self.ended = True
        for user in self._waiting:
            self.wake(user)

    @contextmanager
    def wakeup(self, user: UUID) -> Iterator[asyncio.Event]:
        """Make an event that `wake` and `end` set; whoever waits for it clears it."""
        wakeup = asyncio.Event()
        self._waiting.setdefault(user, set()).add(wakeup)
        try:
            yield wakeup
        finally:
            others = self._waiting[user]
            others.remove(wakeup)
            if not others:
                del self._waiting[user]


async def woken(wakeup: asyncio.Event, limit_s: float) -> bool:
    """Wait until it is time to look anyway; return whether somebody woke the caller before."""
    try:
        async with asyncio.timeout(limit_s):
            await wakeup.wait()
    except TimeoutError:
        return False
    return True
