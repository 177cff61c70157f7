"""Each person's calendar and address book, at a CalDAV server."""

from __future__ import annotations

from pisovereign.connectors.calendar.settings import CaldavConfig
from pisovereign.connectors.contract import Connector, only_owner
from pisovereign.connectors.form import ConnectionKind, FieldSpec, hosts_of

CONNECTOR = Connector(
    kind=ConnectionKind(
        name="calendar",
        section="caldav",
        personal=True,
        fields=(
            FieldSpec(
                "url",
                required=True,
                names_server=True,
                placeholder="https://cloud.example/remote.php/dav/",
            ),
            FieldSpec("username", required=True, names_server=True),
            FieldSpec("password", "secret", required=True),
            FieldSpec(
                "contacts_url",
                advanced=True,
                names_server=True,
                placeholder="https://contacts.example/dav/",
            ),
            FieldSpec("calendars", "names", advanced=True),
            FieldSpec("default_calendar", advanced=True),
            FieldSpec("task_lists", "names", advanced=True),
            FieldSpec("default_task_list", advanced=True),
        ),
        is_set=lambda section: bool(section.url),
        hosts=lambda section: hosts_of(section.url, section.contacts_url),
    ),
    settings=CaldavConfig,
    module="pisovereign.connectors.calendar.connected",
    owners=lambda section, users: only_owner(section.users, users),
)
