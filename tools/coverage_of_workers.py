"""Has coverage of a worker written when it ends: uvicorn ends one by the signal that it was sent.

A plugin of coverage's, which is loaded in each process that is measured.
"""

import signal
from functools import wraps
from typing import Any

from coverage import Coverage


def coverage_init(*_: Any) -> None:
    """Write what was measured before a process sends itself a signal."""
    send = signal.raise_signal

    @wraps(send)
    def measured(number: int, /) -> None:
        if (current := Coverage.current()) is not None:
            current.save()
        send(number)

    signal.raise_signal = measured
