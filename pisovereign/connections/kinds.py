"""The kinds of connections: which fields the form of each has, and what has to be true of them.

A field is a setting of the section of the configuration that a connection stands for: its bounds
and rules are the setting's. What only whoever has the machine may say (files, other addresses of
a service, time limits) is no field, and stays as the configuration has it.
"""

from __future__ import annotations

from collections.abc import Mapping

from pisovereign.config import (
    ApprovalsConfig,
    CaldavConfig,
    EmailConfig,
    RemindersConfig,
    WeatherConfig,
)
from pisovereign.connections.backup_kinds import BACKUP, BACKUP_PLACES
from pisovereign.connections.kind import ConnectionKind, FieldSpec, host_of, required
from pisovereign.connectors.email.types import checked_address
from pisovereign.errors import FieldError, PiSovereignError
from pisovereign.net.hosts import AllowedHost, normalize_host, parse_url
from pisovereign.outbound.outbound import tcp_hosts


def _weather_problems(section: WeatherConfig) -> list[FieldError]:
    if (section.latitude is None) != (section.longitude is None):
        missing = "latitude" if section.latitude is None else "longitude"
        return [{"field": f"values.{missing}", "error": "is only left out together with the other"}]
    return [] if _has_place(section) else [required("location")]


def _has_place(section: WeatherConfig) -> bool:
    return bool(section.location) or section.latitude is not None


def _calendar_hosts(section: CaldavConfig) -> list[AllowedHost]:
    targets = [parse_url(url) for url in (section.url, section.contacts_url) if url]
    return [AllowedHost(target.host, target.port) for target in targets]


def _mail_problems(section: EmailConfig) -> list[FieldError]:
    address = section.from_address or section.username
    if not section.smtp_host and not section.from_address:
        return []
    try:
        checked_address(address)
    except (ValueError, PiSovereignError):
        return [
            {"field": "values.from_address", "error": "must be the mail address of the account"}
        ]
    return []


def _mail_hosts(section: EmailConfig) -> list[AllowedHost]:
    servers = (section.imap_address, section.smtp_address)
    return [AllowedHost(normalize_host(host), port) for host, port in servers if host]


WEATHER = ConnectionKind(
    name="weather",
    section="weather",
    personal=False,
    fields=(
        FieldSpec("location", placeholder="Berlin"),
        FieldSpec("latitude", "decimal", advanced=True, placeholder="52.52"),
        FieldSpec("longitude", "decimal", advanced=True, placeholder="13.41"),
    ),
    is_set=_has_place,
    problems=_weather_problems,
)
CALENDAR = ConnectionKind(
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
    hosts=_calendar_hosts,
)
EMAIL = ConnectionKind(
    name="email",
    section="email",
    personal=True,
    fields=(
        FieldSpec("username", required=True, names_server=True, placeholder="you@example.org"),
        FieldSpec("password", "secret", required=True),
        FieldSpec("imap_host", required=True, names_server=True, placeholder="imap.example.org"),
        FieldSpec("imap_port", "number", advanced=True, names_server=True),
        FieldSpec("imap_security", "choice", advanced=True, names_server=True),
        FieldSpec("smtp_host", names_server=True, placeholder="smtp.example.org"),
        FieldSpec("smtp_port", "number", advanced=True, names_server=True),
        FieldSpec("smtp_security", "choice", advanced=True, names_server=True),
        FieldSpec("from_address", advanced=True),
        FieldSpec("folder", advanced=True),
        FieldSpec("sent_folder", advanced=True),
        FieldSpec("drafts_folder", advanced=True),
        FieldSpec("save_sent", "switch", advanced=True),
    ),
    is_set=lambda section: bool(section.imap_host),
    problems=_mail_problems,
    hosts=_mail_hosts,
)
SEARCH = ConnectionKind(
    name="search",
    section="search",
    personal=False,
    fields=(
        FieldSpec("url", required=True, names_server=True, placeholder="https://search.example"),
    ),
    is_set=lambda section: bool(section.url),
    hosts=lambda section: host_of(section.url),
)
WHATSAPP = ConnectionKind(
    name="whatsapp",
    section="whatsapp",
    personal=False,
    fields=(
        FieldSpec("phone_number_id", required=True, names_server=True),
        FieldSpec("access_token", "secret", required=True),
        FieldSpec("app_secret", "secret", required=True),
        FieldSpec("verify_token", "secret", required=True, generated=True),
        FieldSpec("senders", "senders", required=True, placeholder="+49 151 2345678"),
        FieldSpec("language", "choice"),
        FieldSpec("template", advanced=True),
        FieldSpec("template_language", advanced=True),
    ),
    is_set=lambda section: bool(section.phone_number_id),
    webhook="/v1/webhooks/whatsapp",
)
SPEECH = ConnectionKind(
    name="speech",
    section="speech",
    personal=False,
    fields=(
        FieldSpec("to_text", placeholder="tcp://192.168.1.20:10300"),
        FieldSpec("to_speech", placeholder="tcp://192.168.1.20:10200"),
        FieldSpec("voice", advanced=True, placeholder="de_DE-thorsten-medium"),
    ),
    is_set=lambda section: bool(section.to_text or section.to_speech),
    problems=lambda section: [] if section.to_text or section.to_speech else [required("to_text")],
    hosts=lambda section: tcp_hosts(section.to_text, section.to_speech),
)
TELEGRAM = ConnectionKind(
    name="telegram",
    section="telegram",
    personal=False,
    fields=(
        FieldSpec("bot_token", "secret", required=True),
        FieldSpec("language", "choice"),
        FieldSpec("show_approvals", "switch"),
    ),
    is_set=lambda section: bool(section.bot_token),
)
NTFY = ConnectionKind(
    name="ntfy",
    section="ntfy",
    personal=True,
    fields=(
        FieldSpec("topic", required=True, names_server=True, placeholder="house-8f2c61d4a0e9"),
        FieldSpec("server", required=True, names_server=True, placeholder="https://ntfy.sh"),
        FieldSpec("token", "secret"),
        FieldSpec("priority", "choice"),
        FieldSpec("show_text", "switch"),
        FieldSpec("show_approvals", "switch"),
        FieldSpec("page_url", advanced=True, placeholder="https://pisovereign.local"),
    ),
    is_set=lambda section: bool(section.topic),
    hosts=lambda section: host_of(section.server),
)
HOME_ASSISTANT = ConnectionKind(
    name="home_assistant",
    section="home_assistant",
    personal=False,
    fields=(
        FieldSpec(
            "url",
            required=True,
            names_server=True,
            placeholder="http://homeassistant.local:8123",
        ),
        FieldSpec("token", "secret", required=True),
        FieldSpec("without_approval", "choices"),
        FieldSpec("always_ask", "names", advanced=True),
        FieldSpec("most_at_once", "number", advanced=True),
    ),
    is_set=lambda section: bool(section.url),
    hosts=lambda section: host_of(section.url),
)
KINDS: Mapping[str, ConnectionKind] = {
    kind.name: kind
    for kind in (
        WEATHER,
        CALENDAR,
        EMAIL,
        SEARCH,
        TELEGRAM,
        NTFY,
        WHATSAPP,
        SPEECH,
        HOME_ASSISTANT,
        *BACKUP_PLACES,
    )
}


# Settings that are changed in the same way.
_USUAL_REMINDERS = RemindersConfig()
REMINDERS = ConnectionKind(
    name="reminders",
    section="reminders",
    personal=True,
    fields=(
        FieldSpec("deliver", "choices", unoffered=("events",)),
        FieldSpec("snooze_minutes", "number"),
    ),
    is_set=lambda section: (
        (section.deliver, section.snooze_minutes)
        != (_USUAL_REMINDERS.deliver, _USUAL_REMINDERS.snooze_minutes)
    ),
)
_USUAL_APPROVALS = ApprovalsConfig()
APPROVALS = ConnectionKind(
    name="approvals",
    section="approvals",
    personal=True,
    fields=(FieldSpec("deliver", "choices", unoffered=("events",)),),
    is_set=lambda section: section.deliver != _USUAL_APPROVALS.deliver,
)
PREFERENCES: Mapping[str, ConnectionKind] = {
    kind.name: kind for kind in (REMINDERS, APPROVALS, BACKUP)
}
