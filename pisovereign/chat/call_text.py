"""Calls that a small model writes as text in place of words: nobody can use them."""

from __future__ import annotations

import re

_MARK = "<tool_call>"
_FENCE = re.compile(r"```\w*\s*")
_CALL = re.compile(r'"name"\s*:\s*"[^"]*"\s*,\s*"(?:arguments|parameters)"\s*:')


class CallTextFilter:
    """The text of one answer, without a call in place of it.

    Text that begins as a call does is held until the end; any other comes through at once.
    """

    def __init__(self) -> None:
        self._held = ""
        self._decided = False

    def feed(self, text: str) -> str:
        """Take more of the answer, and return what is certainly none."""
        if self._decided:
            return text
        self._held += text
        return "" if _may_call(self._held) else self._release()

    def finish(self) -> str:
        """Return what was held back, unless it is a call."""
        held = self._release()
        return "" if _MARK in held or _CALL.search(held) else held

    def _release(self) -> str:
        self._decided = True
        held, self._held = self._held, ""
        return held


def _may_call(text: str) -> bool:
    """Return whether text is, or could become, the beginning of a call."""
    begun = text.lstrip()
    if "```".startswith(begun[:3]) and len(begun) <= len("```json"):
        return True
    fence = _FENCE.match(begun)
    inside = begun[fence.end() :] if fence else begun
    return not inside or inside[0] in "{[" or _MARK.startswith(inside[: len(_MARK)])
