"""How tasks of one process tell each other that a stream has something new."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
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
        self._waiting: dict[UUID, set[Callable[[], None]]] = {}

    def wake(self, user: UUID) -> None:
        """Wake everybody who waits for `user`; to be called after the commit."""
        for call in tuple(self._waiting.get(user, ())):
            call()

    def end(self) -> None:
        """Wake everybody for the last time."""
        self.ended = True
        for user in tuple(self._waiting):
            self.wake(user)

    def follow(self, user: UUID, call: Callable[[], None]) -> None:
        """Have `wake` and `end` call a function, which must return at once."""
        self._waiting.setdefault(user, set()).add(call)

    def unfollow(self, user: UUID, call: Callable[[], None]) -> None:
        """Call a function no more; one that is not called is no error."""
        others = self._waiting.get(user, set())
        others.discard(call)
        if not others:
            self._waiting.pop(user, None)

    @contextmanager
    def wakeup(self, user: UUID) -> Iterator[asyncio.Event]:
        """Make an event that `wake` and `end` set; whoever waits for it clears it."""
        wakeup = asyncio.Event()
        self.follow(user, wakeup.set)
        try:
            yield wakeup
        finally:
            self.unfollow(user, wakeup.set)


async def woken(wakeup: asyncio.Event, limit_s: float) -> bool:
    """Wait until it is time to look anyway; return whether somebody woke the caller before."""
    try:
        async with asyncio.timeout(limit_s):
            await wakeup.wait()
    except TimeoutError:
        return False
    return True
