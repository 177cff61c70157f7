"""Notices to whoever counts requests to the model."""

from __future__ import annotations

import contextlib
import time
from typing import Protocol

from pisovereign.engine_client.types import Usage


class AnswerReader:
    """A reader of an answer, who may have `enough` of it before its end.

    An answer that is closed then does not count as canceled: nobody left it.
    """

    def __init__(self) -> None:
        self.enough = False


class AnswerRecord:
    """An answer in progress.

    `usage` is None until it is complete, and `began_at`, by the clock of `time.perf_counter`, until
    something of it is there.
    """

    def __init__(self, reader: AnswerReader | None = None) -> None:
        self.usage: Usage | None = None
        self.began_at: float | None = None
        self._reader = reader

    def begin(self) -> None:
        """Record that something of the answer is there; only the first time counts."""
        if self.began_at is None:
            self.began_at = time.perf_counter()

    def complete(self, usage: Usage) -> None:
        """Record that the answer is complete."""
        self.usage = usage

    @property
    def stopped_on_purpose(self) -> bool:
        """Return whether its reader had enough of it."""
        return self._reader is not None and self._reader.enough


class InferenceMeter(Protocol):
    """Counts answers."""

    def request(
        self, reader: AnswerReader | None = None
    ) -> contextlib.AbstractContextManager[AnswerRecord]:
        """Measure the time from the question to the end of its answer, or to its failure."""


class NullMeter:
    """Counts nothing."""

    def request(
        self, reader: AnswerReader | None = None
    ) -> contextlib.AbstractContextManager[AnswerRecord]:
        """Count nothing."""
        return contextlib.nullcontext(AnswerRecord(reader))
