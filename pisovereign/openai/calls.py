"""From what the model writes to the call of a tool, piece by piece."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

_HEAD = re.compile(r'\s*\{\s*"name"\s*:\s*("(?:[^"\\]|\\.)*")\s*,\s*"arguments"\s*:\s*')
_TAIL = re.compile(r"[}\s]*\Z")
# How models begin a call when nothing holds them to it.
_MARKS = ("<tool_call>", '{"name"', '{ "name"')


class Name(NamedTuple):
    """The name of what is called."""

    text: str


class Arguments(NamedTuple):
    """More of its arguments, as JSON text."""

    text: str


class CallReader:
    """Reads `{"name": …, "arguments": {…}}`, which the schema of a call makes the model write."""

    def __init__(self) -> None:
        self._held = ""
        self.named = False
        self._begun = False

    def feed(self, text: str) -> list[Name | Arguments]:
        """What is certain after some more text."""
        self._held += text
        told: list[Name | Arguments] = []
        if not self.named:
            head = _HEAD.match(self._held)
            if head is None:
                return []
            self.named = True
            self._held = self._held[head.end() :]
            told.append(Name(json.loads(head[1])))
        if not self._begun:
            self._held = self._held.lstrip()
            self._begun = bool(self._held)
        # What ends the call is not the arguments' own, so the last brackets wait for the end.
        tail = _TAIL.search(self._held)
        assert tail is not None
        certain, self._held = self._held[: tail.start()], self._held[tail.start() :]
        return [*told, Arguments(certain)] if certain else told

    def finish(self) -> list[Name | Arguments]:
        """What is left at the end of the answer, without the call's own bracket."""
        rest = self._held.rstrip().removesuffix("}").rstrip() if self.named else ""
        return [Arguments(rest)] if rest else []


class CallDetector:
    """Holds back the beginning of an answer until it is known whether it is a call."""

    def __init__(self) -> None:
        self._held = ""
        self._decided = False

    def feed(self, text: str) -> str | None:
        """What may be shown of the answer so far; None: it is a call."""
        if self._decided:
            return text
        self._held += text
        start = self._held.lstrip()
        if start.startswith(_MARKS):
            return None
        if any(mark.startswith(start) for mark in _MARKS):
            return ""
        return self.finish()

    def finish(self) -> str:
        """What was held back, once nothing more comes."""
        self._decided = True
        held, self._held = self._held, ""
        return held
