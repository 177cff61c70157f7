"""The memory of this device, and how fast all cores together read it."""

from __future__ import annotations

import asyncio
import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import psutil

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BYTES = 128 * 1024 * 1024  # more than most caches, and less than a small board lacks
_ROUNDS = 4


class Device(NamedTuple):
    """The properties of a device that decide which model is right.

    Attributes:
        memory: bytes of memory in all.
        bandwidth: bytes a second that all cores together read from it; None: not measured.
    """

    memory: int
    bandwidth: float | None = None


class DeviceProbe:
    """Measures this device, once and when it is first asked for."""

    def __init__(self) -> None:
        self._device: Device | None = None
        self._measuring = asyncio.Lock()

    async def measured(self) -> Device:
        """Return what this device is."""
        async with self._measuring:
            if self._device is None:
                bandwidth = await asyncio.to_thread(memory_bandwidth)
                self._device = Device(device_memory(), bandwidth)
            return self._device


def device_memory() -> int:
    """Return the bytes of memory of this device, used or not."""
    return int(psutil.virtual_memory().total)


def memory_bandwidth() -> float:
    """Return the bytes a second of the best of four rounds; takes less than a second and 128 MB."""
    # Imported here: nothing else in the programs that start with this needs it.
    import numpy as np  # noqa: PLC0415

    cores = len(os.sched_getaffinity(0))
    parts = np.array_split(np.ones(_BYTES // 8, np.int64), cores)
    best = 0.0

    def read(part: NDArray[np.int64]) -> int:
        """Read all of it; numpy lets other threads run meanwhile."""
        return int(np.bitwise_or.reduce(part))

    with ThreadPoolExecutor(cores) as threads:
        for _ in range(_ROUNDS):
            started = time.perf_counter()
            list(threads.map(read, parts))
            best = max(best, _BYTES / (time.perf_counter() - started))
    return best
