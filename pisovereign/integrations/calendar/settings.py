"""What is needed to know about an account."""

from __future__ import annotations

import msgspec


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account on a calendar server, with its password: not to be logged.

    `calendars` are the names of those that are read, empty for all; `default_calendar` gets new
    events, empty for the first that is read.
    """

    url: str
    username: str
    password: str
    calendars: tuple[str, ...] = ()
    default_calendar: str = ""

    def __repr__(self) -> str:
        return f"Account({self.url!r})"
