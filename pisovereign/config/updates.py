"""Settings of `updates`: updates of a flashed card's whole system."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

import msgspec

from pisovereign.config.rules import server_if_any, setting


def time_of_day(value: str) -> str | None:
    """Require a time such as 03:30."""
    try:
        if len(value) == len("03:30"):
            dt.time.fromisoformat(value)
            return None
    except ValueError:
        pass
    return "must be a time of the day such as 03:30"


class UpdatesConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Where updates come from, and which are installed without being asked for."""

    address: Annotated[
        str,
        setting(
            "Where the notice of the newest update is; empty: they come from memory sticks alone.",
            server_if_any,
        ),
    ] = ""
    automatic: Annotated[
        Literal["chosen", "off", "security", "all"],
        setting(
            "Which are installed automatically: security updates, all, or as `chosen` on the page, "
            "where none are until somebody chooses."
        ),
    ] = "chosen"
    at: Annotated[
        str,
        setting(
            "When, in the time zone of the server: looked for, installed, and tried.", time_of_day
        ),
    ] = "03:30"
    media_folder: Annotated[
        str, setting("Folder below which memory sticks appear.", min_length=1)
    ] = "/media"
    socket: Annotated[
        str, setting("Socket of root's program for updates; empty: this machine has none.")
    ] = ""
    root: Annotated[str, setting("Root of the system that is updated.", min_length=1)] = "/"
