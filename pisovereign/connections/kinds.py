"""The kinds of connections: which fields the form of each has, and what has to be true of them.

A field is a setting of the section of the configuration that a connection stands for: its bounds
and rules are the setting's. What only whoever has the machine may say (files, other addresses of
a service, time limits) is no field, and stays as the configuration has it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, get_type_hints

import msgspec

from pisovereign.config import (
    ApprovalsConfig,
    BackupConfig,
    BackupFolderConfig,
    BackupS3Config,
    BackupStickConfig,
    BackupWebdavConfig,
    CaldavConfig,
    EmailConfig,
    HomeAssistantConfig,
    NtfyConfig,
    RemindersConfig,
    SearchConfig,
    SpeechConfig,
    TelegramConfig,
    WeatherConfig,
    WhatsAppConfig,
)
from pisovereign.connections.types import FieldType
from pisovereign.errors import FieldError, PiSovereignError
from pisovereign.integrations.mail.types import checked_address
from pisovereign.net.hosts import AllowedHost, normalize_host, parse_url
from pisovereign.outbound.outbound import tcp_hosts
from pisovereign.validation import check

Section = (
    WeatherConfig
    | CaldavConfig
    | EmailConfig
    | WhatsAppConfig
    | HomeAssistantConfig
    | TelegramConfig
    | NtfyConfig
    | SpeechConfig
    | SearchConfig
    | RemindersConfig
    | ApprovalsConfig
    | BackupConfig
    | BackupFolderConfig
    | BackupStickConfig
    | BackupWebdavConfig
    | BackupS3Config
)


class FieldSpec(NamedTuple):
    """A field of a form.

    Attributes:
        name: Of the setting.
        type: How it is drawn.
        required: Whether a connection needs it.
        advanced: Whether most can leave it alone.
        names_server: Whether it says who gets the secrets: if it changes, they are asked for again.
        generated: Whether whoever fills in the form makes it up.
        placeholder: An example.
        unoffered: Values that there is no use in choosing.
    """

    name: str
    type: FieldType = "text"
    required: bool = False
    advanced: bool = False
    names_server: bool = False
    generated: bool = False
    placeholder: str = ""
    unoffered: tuple[str, ...] = ()


class ConnectionKind(NamedTuple):
    """A kind of connections.

    Attributes:
        name: As paths and files of languages have it.
        section: The section of the configuration that it stands for.
        personal: Whether each person has one of their own; else it is the household's.
        fields: What its form holds.
        is_set: Whether a section says that there is one.
        problems: What is wrong with values that are right one by one.
        hosts: The servers that a section names, which may be on the local network.
        webhook: Where the service sends messages to; empty: it does not.
    """

    name: str
    section: str
    personal: bool
    fields: tuple[FieldSpec, ...]
    is_set: Callable[[Any], bool]
    problems: Callable[[Any], list[FieldError]]
    hosts: Callable[[Any], list[AllowedHost]]
    webhook: str = ""

    def secrets(self) -> frozenset[str]:
        """Return the names of the fields that are never shown."""
        return frozenset(spec.name for spec in self.fields if spec.type == "secret")

    def read(self, base: Section, values: Mapping[str, Any]) -> tuple[Any, list[FieldError]]:
        """Return a section with these values in it, and what is wrong with them.

        Args:
            base: The section as the configuration has it: its other settings stay.
            values: By the names of fields; those that are left out get their defaults.
        """
        found, errors = check(values, _struct(self, type(base)), "values")
        missing = [
            _required(spec.name)
            for spec in self.fields
            if spec.required and not values.get(spec.name) and not _named(errors, spec.name)
        ]
        if found is None or missing:
            return None, [*errors, *missing]
        section = msgspec.structs.replace(base, **msgspec.structs.asdict(found))
        return section, self.problems(section)


def _named(errors: list[FieldError], name: str) -> bool:
    return any(error["field"] == f"values.{name}" for error in errors)


def _required(name: str) -> FieldError:
    return {"field": f"values.{name}", "error": "is required"}


def _struct(kind: ConnectionKind, section: type[Section]) -> type[msgspec.Struct]:
    """Return a struct of the fields of a form, each as the section has it."""
    hints = get_type_hints(section, include_extras=True)
    defaults = {field.name: field.default for field in msgspec.structs.fields(section)}
    fields = [(spec.name, hints[spec.name], defaults[spec.name]) for spec in kind.fields]
    return msgspec.defstruct(f"{kind.name.title()}Values", fields, frozen=True, kw_only=True)


def _weather_problems(section: WeatherConfig) -> list[FieldError]:
    if (section.latitude is None) != (section.longitude is None):
        missing = "latitude" if section.latitude is None else "longitude"
        return [{"field": f"values.{missing}", "error": "is only left out together with the other"}]
    return [] if _has_place(section) else [_required("location")]


def _has_place(section: WeatherConfig) -> bool:
    return bool(section.location) or section.latitude is not None


def _calendar_hosts(section: CaldavConfig) -> list[AllowedHost]:
    targets = [parse_url(url) for url in (section.url, section.contacts_url) if url]
    return [AllowedHost(target.host, target.port) for target in targets]


def _home_hosts(section: HomeAssistantConfig) -> list[AllowedHost]:
    target = parse_url(section.url)
    return [AllowedHost(target.host, target.port)]


def _search_hosts(section: SearchConfig) -> list[AllowedHost]:
    target = parse_url(section.url)
    return [AllowedHost(target.host, target.port)]


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


def _ntfy_hosts(section: NtfyConfig) -> list[AllowedHost]:
    target = parse_url(section.server)
    return [AllowedHost(target.host, target.port)]


def _webdav_hosts(section: BackupWebdavConfig) -> list[AllowedHost]:
    target = parse_url(section.url)
    return [AllowedHost(target.host, target.port)]


def _s3_hosts(section: BackupS3Config) -> list[AllowedHost]:
    target = parse_url(section.endpoint)
    return [AllowedHost(target.host, target.port)]


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
    hosts=lambda _: [],
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
    problems=lambda _: [],
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
    problems=lambda _: [],
    hosts=_search_hosts,
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
    problems=lambda _: [],
    hosts=lambda _: [],
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
    problems=lambda section: [] if section.to_text or section.to_speech else [_required("to_text")],
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
    problems=lambda _: [],
    hosts=lambda _: [],
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
    problems=lambda _: [],
    hosts=_ntfy_hosts,
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
    problems=lambda _: [],
    hosts=_home_hosts,
)
BACKUP_FOLDER = ConnectionKind(
    name="backup_folder",
    section="backup_folder",
    personal=False,
    fields=(
        FieldSpec("path", required=True, placeholder="/mnt/backups"),
        FieldSpec("other_disk", "switch"),
    ),
    is_set=lambda section: bool(section.path),
    problems=lambda _: [],
    hosts=lambda _: [],
)
BACKUP_STICK = ConnectionKind(
    name="backup_stick",
    section="backup_stick",
    personal=False,
    fields=(
        FieldSpec("name", required=True, placeholder="BACKUP"),
        FieldSpec("folder", advanced=True),
    ),
    is_set=lambda section: bool(section.name),
    problems=lambda _: [],
    hosts=lambda _: [],
)
BACKUP_WEBDAV = ConnectionKind(
    name="backup_webdav",
    section="backup_webdav",
    personal=False,
    fields=(
        FieldSpec(
            "url",
            required=True,
            names_server=True,
            placeholder="https://cloud.example/remote.php/dav/files/ada/backups/",
        ),
        FieldSpec("username", names_server=True),
        FieldSpec("password", "secret"),
    ),
    is_set=lambda section: bool(section.url),
    problems=lambda _: [],
    hosts=_webdav_hosts,
)
BACKUP_S3 = ConnectionKind(
    name="backup_s3",
    section="backup_s3",
    personal=False,
    fields=(
        FieldSpec(
            "endpoint",
            required=True,
            names_server=True,
            placeholder="https://s3.eu-central-1.amazonaws.com",
        ),
        FieldSpec("region", required=True, placeholder="eu-central-1"),
        FieldSpec("bucket", required=True, names_server=True),
        FieldSpec("prefix", advanced=True),
        FieldSpec("access_key", required=True, names_server=True),
        FieldSpec("secret_key", "secret", required=True),
    ),
    is_set=lambda section: bool(section.endpoint and section.bucket),
    problems=lambda _: [],
    hosts=_s3_hosts,
)
BACKUP_PLACES = (BACKUP_FOLDER, BACKUP_STICK, BACKUP_WEBDAV, BACKUP_S3)
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
    problems=lambda _: [],
    hosts=lambda _: [],
)
_USUAL_APPROVALS = ApprovalsConfig()
APPROVALS = ConnectionKind(
    name="approvals",
    section="approvals",
    personal=True,
    fields=(FieldSpec("deliver", "choices", unoffered=("events",)),),
    is_set=lambda section: section.deliver != _USUAL_APPROVALS.deliver,
    problems=lambda _: [],
    hosts=lambda _: [],
)
BACKUP = ConnectionKind(
    name="backup",
    section="backup",
    personal=False,
    fields=(
        FieldSpec("schedule", "choice", required=True),
        FieldSpec("passphrase", "secret"),
        FieldSpec("hour", "number"),
        FieldSpec("weekday", "choice"),
        FieldSpec("keep_daily", "number", advanced=True),
        FieldSpec("keep_weekly", "number", advanced=True),
        FieldSpec("keep_monthly", "number", advanced=True),
    ),
    is_set=lambda section: section.schedule != "never",
    problems=lambda _: [],
    hosts=lambda _: [],
)
PREFERENCES: Mapping[str, ConnectionKind] = {
    kind.name: kind for kind in (REMINDERS, APPROVALS, BACKUP)
}
