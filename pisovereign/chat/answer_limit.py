"""How long the model may write an answer, which depends on how fast it is.

A limit in tokens is minutes on a small board, and nothing on a large one.
"""

from __future__ import annotations

import time

from pisovereign.engine_client.client import AnswerEvent, Delta

_ENDS = (".", "!", "?", "\n", "…", ":")
# For so much longer an answer may go on to the end of its sentence.
_TO_THE_END = 1.2


class AnswerLimit:
    """Tells when an answer is to end, from its first word on.

    Args:
        seconds: How long it may be written; None: as long as it wants.
    """

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._began_at: float | None = None

    def is_over(self, event: AnswerEvent) -> bool:
        """Return whether the answer is to end after this part of it."""
        if self._seconds is None or not isinstance(event, Delta):
            return False
        now = time.monotonic()
        if self._began_at is None:
            self._began_at = now
        took = now - self._began_at
        if took < self._seconds:
            return False
        return took >= self._seconds * _TO_THE_END or event.text.rstrip(" ").endswith(_ENDS)
