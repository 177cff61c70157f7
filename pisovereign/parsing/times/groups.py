"""Named groups of patterns. A name may stand several times, told apart by digits at its end."""

from __future__ import annotations

import re

Groups = dict[str, str]
_NAME = re.compile(r"\(\?P<\w+>")


def groups_of(match: re.Match[str]) -> Groups:
    """What was matched, by name without the digits; groups without a match are left out."""
    return {k.rstrip("0123456789"): v for k, v in match.groupdict().items() if v is not None}


def unnamed(pattern: str) -> str:
    """The pattern without names."""
    return _NAME.sub("(?:", pattern)
