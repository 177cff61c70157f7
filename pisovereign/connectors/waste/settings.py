"""Settings of `waste`: the waste collection."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config import rules
from pisovereign.config.rules import setting

_MOST_CHARACTERS = 256 * rules.KIB
_BEGINNING = "BEGIN:VCALENDAR"


def https_of(url: str) -> str:
    """Return an address as it is asked: `webcal` is how pages write that of a calendar."""
    scheme, separator, rest = url.partition("://")
    return f"https://{rest}" if separator and scheme.lower() == "webcal" else url


def calendar_address(value: str) -> str | None:
    """Require the address of a calendar, or an empty string."""
    return rules.server_if_any(https_of(value))


def calendar_text(value: str) -> str | None:
    """Require the content of a calendar's file, or an empty string."""
    if value and not is_calendar(value):
        return f"must be a calendar in iCalendar format (.ics), which has a line {_BEGINNING}"
    return None


def is_calendar(text: str) -> bool:
    """Return whether a text looks like a calendar: a page with an error does not."""
    return _BEGINNING in text.upper()


class WasteConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The waste collection, from the calendar that its service publishes: an address or a file."""

    url: Annotated[
        str,
        setting(
            "The address of the calendar, in iCalendar format; empty: none.",
            calendar_address,
            max_length=2000,
        ),
    ] = ""
    file: Annotated[
        str,
        setting(
            "In place of an address, the content of the calendar's file (.ics).",
            calendar_text,
            max_length=_MOST_CHARACTERS,
        ),
    ] = ""
    refresh_hours: Annotated[
        int,
        setting("How long the calendar is used until it is read again, in hours.", ge=1, le=720),
    ] = 24
    timeout_s: Annotated[
        float, setting("Longest wait for the calendar, in seconds.", ge=0.1, le=60)
    ] = 10.0
