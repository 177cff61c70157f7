"""Commands in the making: what the words gave of each argument, and what they did not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from pisovereign.reading.forms import Forms, Spans
from pisovereign.reading.requests import Request, RequestReader

LONGEST_TITLE = 250


class PartialCommand(NamedTuple):
    """A command and what is known of it.

    Attributes:
        type: The struct of the command.
        arguments: What the words give, by name; None: they do not give it.
        required: The arguments without which it cannot be carried out; of those that stand in one
            string with `|` between them, one is enough.
    """

    type: type[msgspec.Struct]
    arguments: Mapping[str, Any]
    required: tuple[str, ...] = ()

    @property
    def known(self) -> dict[str, Any]:
        """Return the arguments that the words give."""
        return {
            name: value
            for name, value in self.arguments.items()
            if value not in (None, "", (), False)
        }

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the names of arguments that are lacking."""
        known = self.known
        return tuple(
            names.split("|")[0]
            for names in self.required
            if not any(name in known for name in names.split("|"))
        )


class Wording(NamedTuple):
    """The wording of a request, from which arguments are read.

    Attributes:
        request: The sentence.
        spans: Where arguments stand, if the sentence has a known form; None: it has none.
        intent: What it asks for.
        timed: Times in it say when; else they are a part of what is said.
        forms: The forms of its language.
        reader: Takes out what is no argument.
        numbers: The numbers of its language, by words.
    """

    request: Request
    spans: Spans | None
    intent: str
    timed: bool
    forms: Forms
    reader: RequestReader
    numbers: Mapping[str, float]

    def text(self, *names: str) -> str | None:
        """Return the words of the first argument of these names that stands in the form."""
        for name in names:
            if self.spans and name in self.spans:
                return self.reader.clean(self.request.words(self.spans[name])) or None
        return None

    def said(self, name: str) -> str | None:
        """Return an argument of the form exactly as it was said."""
        if self.spans and name in self.spans:
            return self.request.words(self.spans[name]) or None
        return None

    def found(self, signal: str, group: str = "") -> str | None:
        """Return the words that a signal finds in the sentence, or one of its groups does."""
        found = self.forms.signal(signal, self.request.cut)
        return None if found is None else self.request.words(found[1][group])

    def about(self, *names: str, without: tuple[tuple[int, int], ...] = ()) -> str | None:
        """Return what the sentence is about: an argument of the form, or what is left."""
        if self.spans is not None:
            return self.text(*names)
        left = self.reader.remainder(self.request, self.intent, *without, timed=self.timed)
        return left if left and len(left) <= LONGEST_TITLE else None

    def has(self, signal: str) -> bool:
        """Return whether the sentence has a signal, or the form an argument of that name."""
        if self.spans is not None:
            return signal in self.spans
        return self.forms.signal(signal, self.request.cut) is not None


ArgumentReader = Callable[[Wording], PartialCommand | None]
"""Returns a command with what a wording gives of it; None: it asks for something else."""
