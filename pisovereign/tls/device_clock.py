"""The time, and whether it can be believed.

A board without a battery starts with the time at which it was switched off, or at which its image
was made, and learns the right one from the network, if it ever does.
"""

from __future__ import annotations

import ctypes
import datetime as dt
from pathlib import Path
from typing import Protocol

_SYNCHRONIZED = Path("/run/systemd/timesync/synchronized")
_TIMEX_BYTES = 512  # more than `struct timex` has anywhere
_NOT_SYNCHRONIZED = 5  # TIME_ERROR


class Clock(Protocol):
    """A clock that knows whether it was set."""

    def now(self) -> dt.datetime:
        """Return the time, in UTC."""
        ...

    def is_set(self) -> bool:
        """Return whether a time server or the like has confirmed it."""
        ...


class DeviceClock:
    """The clock of this machine."""

    def now(self) -> dt.datetime:
        """Return the time, in UTC."""
        return dt.datetime.now(dt.UTC)

    def is_set(self) -> bool:
        """Return whether systemd or the kernel know of a synchronization since the start."""
        return _SYNCHRONIZED.exists() or _kernel_says_so()


def _kernel_says_so() -> bool:
    """Ask with a request that changes nothing; a service that may not ask does not know."""
    request = ctypes.create_string_buffer(_TIMEX_BYTES)
    try:
        state: int = ctypes.CDLL(None).adjtimex(request)
    except (OSError, AttributeError):
        return False
    return 0 <= state < _NOT_SYNCHRONIZED
