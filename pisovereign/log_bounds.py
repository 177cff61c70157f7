"""How much of the log one thing that goes wrong again and again may fill.

What clients can bring about, a broken request line or an error of ours, they can bring about
thousands of times a second. A disk that such lines fill stops everything else, and nobody finds the
other lines among them.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from pisovereign.admission.fixed_window_counter import WINDOW_S, FixedWindowCounter

# Lines of one place in the program in a minute, and of all places.
OF_ONE_PLACE = 30
OF_ALL = 600
_MOST_TEXT = 8000


class LogBounds(logging.Filter):
    """A filter that lets a bounded number of warnings and errors of each place pass in a minute.

    What is left out is told with the last line that passes. Lines that only inform are not counted:
    how many there are is bounded where they are written. For a record with the attribute `place`
    that is what tells one place from another, else its logger and line.

    Args:
        clock: In seconds since the epoch.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._places = FixedWindowCounter(OF_ONE_PLACE, clock)
        self._all = FixedWindowCounter(OF_ALL, clock)

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to write a record; the attribute `is_written` of it says so too."""
        written = record.levelno < logging.WARNING or self._has_room(record)
        record.__dict__["is_written"] = written
        return written

    def _has_room(self, record: logging.LogRecord) -> bool:
        place = getattr(record, "place", "") or f"{record.name}:{record.pathname}:{record.lineno}"
        allowed, left, _ = self._places.hit(place)
        if not allowed:
            return False
        allowed, left_of_all, _ = self._all.hit("")
        if allowed and not (left and left_of_all):
            text = record.getMessage()[:_MOST_TEXT]
            record.msg = f"{text} (more of this is left out for up to {WINDOW_S:g} s)"
            record.args = ()
        return allowed


def is_written(record: logging.LogRecord) -> bool:
    """Return whether `LogBounds` let a record pass, for further handlers of the same record."""
    return bool(getattr(record, "is_written", True))
