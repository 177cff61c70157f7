"""Who wants to know what the model is asked, and how that ends."""

from __future__ import annotations

import contextlib
from typing import Protocol

from pisovereign.engine_client.types import Usage


class Reader:
    """Who reads an answer, and may have `enough` of it before its end.

    An answer that is closed then was not cancelled: it was the beginning of another one.
    """

    def __init__(self) -> None:
        self.enough = False


class Answering:
    """One answer on its way; `usage` is None until it is complete."""

    def __init__(self, reader: Reader | None = None) -> None:
        self.usage: Usage | None = None
        self._reader = reader

    def complete(self, usage: Usage) -> None:
        """All of it has come."""
        self.usage = usage

    @property
    def was_enough(self) -> bool:
        """Whether its reader needs no more of it."""
        return self._reader is not None and self._reader.enough


class Meter(Protocol):
    """Is told of each answer."""

    def request(self, reader: Reader | None = None) -> contextlib.AbstractContextManager[Answering]:
        """The time from the question to the end of its answer, or to its failure."""


class NoMeter:
    """Counts nothing."""

    def request(self, reader: Reader | None = None) -> contextlib.AbstractContextManager[Answering]:
        """Let the answer come."""
        return contextlib.nullcontext(Answering(reader))
