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
            "URL of the calendar server, such as https://cloud.example/remote.php/dav/; empty: "
            "no calendar.",
            rules.server_if_any,
        ),
    ] = ""
    username: Annotated[str, setting("User name of the account.", max_length=200)] = ""
    password: Annotated[str, setting("Password of the account.", secret=True)] = ""
    password_file: Annotated[
        str,
        setting(
            "A file that contains the password; otherwise the systemd credential `caldav_password`."
        ),
    ] = ""
    users: Annotated[
        tuple[str, ...],
        setting(
            "Users (UUIDs) whose calendars these are; empty: those of the only user.", rules.uuids
        ),
    ] = ()
    calendars: Annotated[
        tuple[str, ...], setting("Names of the calendars that are read; empty: all.")
    ] = ()
    default_calendar: Annotated[
        str, setting("Name of the calendar for new events; empty: the first that is read.")
    ] = ""
    task_lists: Annotated[
        tuple[str, ...], setting("Names of the lists of tasks that are read; empty: all.")
    ] = ()
    default_task_list: Annotated[
        str, setting("Name of the list for new tasks; empty: the first that is read.")
    ] = ""
    contacts_url: Annotated[
        str,
        setting(
            "URL of the address books (CardDAV), where the server of the calendar does not know "
            "it; empty: `caldav.url`.",
            rules.server_if_any,
        ),
    ] = ""
    ca_file: Annotated[
        str,
        setting(
            "A PEM file with the certificate authority of this server; empty: `outbound.ca_file`."
        ),
    ] = ""
    timeout_s: Annotated[
        float, setting("Longest time for one read or write, in seconds.", ge=1, le=120)
    ] = 20.0
