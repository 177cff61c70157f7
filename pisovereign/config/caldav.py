"""Settings of `caldav`: the calendar server."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config import rules
from pisovereign.config.rules import setting


class CaldavConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The calendar server."""

    url: Annotated[
        str,
        setting(
            "Address of the calendar server, such as https://cloud.example/remote.php/dav/; "
            "empty: no calendar.",
            rules.server_if_any,
        ),
    ] = ""
    username: Annotated[str, setting("Name of the account there.", max_length=200)] = ""
    password: Annotated[str, setting("Its password.", secret=True)] = ""
    password_file: Annotated[
        str,
        setting("A file that holds the password; else systemd's credential `caldav_password`."),
    ] = ""
    users: Annotated[
        tuple[str, ...],
        setting("Users (UUIDs) whose calendars these are; empty: the only user's.", rules.uuids),
    ] = ()
    calendars: Annotated[
        tuple[str, ...], setting("Names of the calendars that are read; empty: all.")
    ] = ()
    default_calendar: Annotated[
        str, setting("Name of the calendar for new events; empty: the first that is read.")
    ] = ""
    ca_file: Annotated[
        str,
        setting("A PEM file with the authority of this server; empty: `outbound.ca_file`."),
    ] = ""
    timeout_s: Annotated[
        float, setting("Longest time to read or to write, in seconds.", ge=1, le=120)
    ] = 20.0
