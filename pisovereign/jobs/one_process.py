"""Work that exactly one process of an installation does: whoever holds a lock file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

from pisovereign.errors import StartError
from pisovereign.jobs.periodic import PeriodicTask
from pisovereign.process.instance_lock import only_holder

_LOOK_S = 2.0


class Part(Protocol):
    """Something that is started and stopped."""

    def start(self) -> None:
        """Begin, on the running loop."""

    async def stop(self) -> None:
        """End."""


class OneProcess:
    """Starts parts in one of several processes; when that ends, another one does it.

    The kernel lets go of the lock however a process ends.

    Args:
        lock: The lock file.
        parts: What is started, in this order.
    """

    def __init__(self, lock: Path, parts: Sequence[Part]) -> None:
        self._lock = lock
        self._parts = parts
        self._held = ExitStack()
        self._begun = False
        self._looking = PeriodicTask(self._look, f"{lock.name} is not looked at")

    def start(self) -> None:
        """Begin to look whether somebody else does it."""
        if self._parts:
            self._looking.start()

    async def stop(self) -> None:
        """End what was started, and let others do it."""
        await self._looking.stop()
        if self._begun:
            for part in reversed(self._parts):
                await part.stop()
        self._held.close()

    async def _look(self) -> float:
        if self._begun or self._looking.ending:
            return 3600.0
        try:
            self._held.enter_context(only_holder(self._lock, "another process does it"))
        except StartError:
            return _LOOK_S
        self._begun = True
        for part in self._parts:
            part.start()
        return 3600.0
