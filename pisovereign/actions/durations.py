"""Lengths of time in words."""

from __future__ import annotations

from pisovereign.languages.messages import Messages

_UNITS = (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))
_MOST_PARTS = 2


def duration(seconds: int, messages: Messages) -> str:
    """Return `1 hour 5 minutes`: the two largest units that there are."""
    parts: list[str] = []
    rest = max(0, seconds)
    for unit, length in _UNITS:
        count, rest = divmod(rest, length)
        if count and len(parts) < _MOST_PARTS:
            parts.append(counted(unit, count, messages))
        elif parts:
            break
    return " ".join(parts) or counted("second", 0, messages)


def counted(unit: str, count: int, messages: Messages) -> str:
    """Return `1 day` or `3 days`."""
    return messages.say(f"duration.{unit}" if count == 1 else f"duration.{unit}s", count=count)
