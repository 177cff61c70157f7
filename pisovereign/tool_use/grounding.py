"""Grounds of a call's arguments: the user's own words, and what was looked up.

Small models fill what they were not told: a time for a reminder, somebody's address. And a model
that has read a mail may do what the mail says: put what it knows into a question to another server.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from pisovereign.tool_use.types import OfferedTool

_WORD = re.compile(r"[^\W\d_]{2}")


class OwnWords:
    """The words of one user that calls may rest on.

    Args:
        said: What they wrote themselves, in this conversation or request.
        has_time: Whether a text says when.
    """

    def __init__(self, said: Sequence[str], has_time: Callable[[str], bool]) -> None:
        self._said = [text.casefold() for text in said]
        self._found: list[str] = []
        self._has_time = has_time

    def learn(self, found: str) -> None:
        """Take what was looked up as known: texts may be repeated from it."""
        self._found.append(found.casefold())

    def says_when(self) -> bool:
        """Return whether they, or what was looked up, say any time."""
        return any(map(self._has_time, [*self._said, *self._found]))

    def says(self, value: str) -> bool:
        """Return whether the user wrote these whole words."""
        return any(has_words(text, value) for text in self._said)

    def says_now(self, value: str) -> bool:
        """Return whether the user wrote these whole words in their newest message.

        What they wrote before may be what they would not send anywhere, and figures alone can
        spell out anything, one after the other.
        """
        newest = self._said[-1] if self._said else ""
        return _WORD.search(value) is not None and has_words(newest, value)

    def knows(self, value: str) -> bool:
        """Return whether the user wrote these whole words, or they were looked up."""
        return self.says(value) or any(has_words(text, value) for text in self._found)

    def invented(self, tool: OfferedTool, arguments: Mapping[str, Any]) -> str | None:
        """Return the argument that nobody gave although a person has to, if there is one."""
        timed = [name for name in tool.timed if arguments.get(name) not in (None, "")]
        if timed and not self.says_when():
            return timed[0]
        quoted = ((name, arguments.get(name)) for name in tool.quoted)
        return next(
            (name for name, value in quoted for text in _strings(value) if not self.knows(text)),
            None,
        )

    def unsaid(
        self, tool: OfferedTool, arguments: Mapping[str, Any], *, ever: bool = False
    ) -> str | None:
        """Return an argument that leaves this machine and that the user did not write.

        Args:
            tool: What is called.
            arguments: What it is called with.
            ever: What they wrote earlier in the conversation counts as well.
        """
        says = self.says if ever else self.says_now
        return unsaid_argument(tool.sends, arguments, says, frozenset(_named(tool.parameters)))


def unsaid_argument(
    sends: Collection[str],
    arguments: Mapping[str, Any],
    says: Callable[[str], bool],
    named: Collection[str] = frozenset(),
) -> str | None:
    """Return an argument that nobody said, of those that leave this machine.

    `named` are the names that a schema gives to parts of arguments; any other name says something.
    """
    sent = ((name, arguments.get(name)) for name in sends)
    return next(
        (name for name, value in sent for text in _strings(value, named) if not says(text)), None
    )


def sent_argument(sends: Collection[str], arguments: Mapping[str, Any]) -> str | None:
    """Return an argument that leaves this machine and holds anything; None: there is none."""
    return unsaid_argument(sends, arguments, lambda _: False)


def has_words(text: str, value: str) -> bool:
    """Return whether a text has these whole words: `bob@example.org` has no `ob@example.org`."""
    words = re.escape(value.casefold())
    return re.search(rf"(?<!\w){words}(?!\w)", text) is not None


def _strings(value: Any, named: Collection[str] = frozenset()) -> Iterator[str]:
    match value:
        case str():
            yield from (part for part in (value,) if part.strip())
        case dict():
            for name, inner in value.items():
                yield from (part for part in (str(name),) if part.strip() and part not in named)
                yield from _strings(inner, named)
        case list():
            for inner in value:
                yield from _strings(inner, named)
        case int() | float():
            yield str(value)


def _named(schema: Any) -> Iterator[str]:
    """Yield the names of all properties in a schema."""
    if isinstance(schema, list):
        for each in schema:
            yield from _named(each)
    elif isinstance(schema, dict):
        properties = schema.get("properties")
        if isinstance(properties, dict):
            yield from properties
        for inner in schema.values():
            yield from _named(inner)
