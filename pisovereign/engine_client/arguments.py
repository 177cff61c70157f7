"""Reading the arguments of calls, which a model wrote."""

from __future__ import annotations

from typing import Any

import msgspec

_DEEPEST = 64


def decode_arguments(text: str) -> dict[str, Any] | None:
    """Return the arguments of a call, empty if it has none; None: they are no JSON object.

    What is nested too deeply is none, either: it could be stored and never read again.
    """
    try:
        arguments = msgspec.json.decode(text or "{}", type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return arguments if _is_within(arguments, _DEEPEST) else None


def _is_within(value: object, depth: int) -> bool:
    """Return whether a value has at most so many objects and lists in each other."""
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list):
        return True
    return depth > 0 and all(_is_within(each, depth - 1) for each in value)
