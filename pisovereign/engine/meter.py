"""Who wants to know what the model is asked, and how that ends."""

from __future__ import annotations

import contextlib
from typing import Protocol

from pisovereign.engine.types import Usage


class Answering:
    """One answer on its way; `usage` is None until it is complete."""

    def __init__(self) -> None:
        self.usage: Usage | None = None

    def complete(self, usage: Usage) -> None:
        """All of it has come."""
        self.usage = usage


class Meter(Protocol):
    """Is told of each answer."""

    def request(self) -> contextlib.AbstractContextManager[Answering]:
        """The time from the question to the end of its answer, or to its failure."""


class NoMeter:
    """Counts nothing."""

    def request(self) -> contextlib.AbstractContextManager[Answering]:
        """Let the answer come."""
        return contextlib.nullcontext(Answering())
