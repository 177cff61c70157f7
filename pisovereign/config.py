"""The configuration: one typed, frozen tree.

Every setting has its default, its bounds and its description here and nowhere else;
`docs/configuration.md` is held to this file by a test. How the values are found (file, then
environment) is in `config_sources.py`.
"""

from __future__ import annotations

import ipaddress
import uuid
import zoneinfo
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from pisovereign.agents.schedules.times import cron_rule
from pisovereign.errors import PiSovereignError
from pisovereign.outbound.hosts import AllowedHost, normalize_host, parse_url
from pisovereign.validation import no_nul, not_blank

Scope = Literal["user", "approve", "admin"]
KIB, MIB = 1024, 1024 * 1024
LEAST_BATCH = 128  # a step must have room for a token of every answer, and for a part of a prompt


def _network(value: str) -> str | None:
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        return "must be an IP address or network such as 192.168.1.0/24"
    return None


def _networks(values: tuple[str, ...]) -> str | None:
    return next((f"{value!r} {e}" for value in values if (e := _network(value))), None)


def _user_id(value: str) -> str | None:
    try:
        uuid.UUID(value)
    except ValueError:
        return "must be a UUID"
    return None


def _user_ids(values: dict[str, str]) -> str | None:
    if any(len(key) < 8 for key in values):
        return "holds a key shorter than 8 characters"
    return next(
        (f"user id {value!r} {e}" for value in values.values() if (e := _user_id(value))), None
    )


def _time_zone(value: str) -> str | None:
    if value and value not in zoneinfo.available_timezones():
        return "must be a time zone name such as Europe/Berlin"
    return None


def _latitude(value: float) -> str | None:
    return None if -90 <= value <= 90 else "must be between -90 and 90"


def _longitude(value: float) -> str | None:
    return None if -180 <= value <= 180 else "must be between -180 and 180"


def _server(value: str) -> str | None:
    try:
        parse_url(value)
    except PiSovereignError as error:
        return f"{value!r}: {error.message}"
    return None


def _server_if_any(value: str) -> str | None:
    return _server(value) if value else None


def _hosts(values: tuple[str, ...]) -> str | None:
    for value in values:
        try:
            AllowedHost.parse(value)
        except PiSovereignError as error:
            return f"{value!r}: {error.message}"
    return None


def _uuids(values: tuple[str, ...]) -> str | None:
    return next((f"{value!r} {e}" for value in values if (e := _user_id(value))), None)


def _host(value: str) -> str | None:
    if value:
        try:
            normalize_host(value)
        except PiSovereignError:
            return "must be a host name or an IP address"
    return None


def _one_line(value: str) -> str | None:
    return None if value.isprintable() else "cannot hold line breaks or other control characters"


def _user_id_or_empty(value: str) -> str | None:
    return _user_id(value) if value else None


def _batch(value: int) -> str | None:
    if value and value < LEAST_BATCH:
        return f"must be 0 or at least {LEAST_BATCH}"
    return None


_HASH = r"^blake2b\$[A-Za-z0-9_-]{22}\$[A-Za-z0-9_-]{43}$"


def _setting(text: str, *rules: Any, secret: bool = False, **bounds: Any) -> Meta:
    return Meta(description=text, extra={"rules": rules, "secret": secret}, **bounds)


class ServerConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Where and how the API listens."""

    host: Annotated[str, _setting("Address to listen on.", min_length=1)] = "127.0.0.1"
    port: Annotated[int, _setting("Port to listen on.", ge=1, le=65535)] = 3000
    workers: Annotated[int, _setting("API worker processes.", ge=1, le=16)] = 1
    environment: Annotated[
        Literal["development", "production"],
        _setting("`production` refuses API keys in plain text in this file."),
    ] = "development"
    time_zone: Annotated[
        str, _setting("The user's time zone, such as Europe/Berlin; empty: the host's.", _time_zone)
    ] = ""
    body_limit_bytes: Annotated[
        int, _setting("Largest request body, in bytes.", ge=KIB, le=64 * MIB)
    ] = MIB
    body_timeout_s: Annotated[
        float, _setting("Time a client may take to send its body, in seconds.", ge=1, le=600)
    ] = 15.0
    write_timeout_s: Annotated[
        float,
        _setting(
            "Time a client may take to accept a piece of an answer, in seconds.", ge=1, le=600
        ),
    ] = 30.0
    shutdown_grace_s: Annotated[
        int, _setting("Time running answers have to finish when the server stops.", ge=1, le=600)
    ] = 20
    trusted_proxies: Annotated[
        tuple[str, ...],
        _setting("Addresses whose `X-Forwarded-For` is believed, read from the right.", _networks),
    ] = ()


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """One API key, kept as the hash that `pisovereign-cli hash-api-key` prints."""

    hash: Annotated[str, _setting("The key's hash.", pattern=_HASH)]
    user_id: Annotated[str, _setting("The user (UUID) the key belongs to.", _user_id)]
    scopes: Annotated[
        tuple[Scope, ...], _setting("What the key may do: user, approve, admin.", min_length=1)
    ] = ("user", "approve")
    name: Annotated[str, _setting("A name to recognize the key by.", max_length=100)] = ""


class SecurityConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Who may call the API, and how often."""

    api_key_users: Annotated[
        dict[str, str],
        _setting("Plain API keys and the user (UUID) of each.", _user_ids, secret=True),
    ] = msgspec.field(default_factory=dict)
    api_keys: Annotated[tuple[ApiKey, ...], _setting("API keys kept as hashes.")] = ()
    rate_limit_rpm: Annotated[
        int, _setting("Requests a minute that one address may make.", ge=1, le=1_000_000)
    ] = 120
    blocked_networks: Annotated[
        tuple[str, ...], _setting("Addresses and networks that are refused.", _networks)
    ] = ()


class InferenceConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Which model answers, and where it runs."""

    base_url: Annotated[
        str,
        _setting(
            "An OpenAI-compatible server to use instead of the built-in engine, such as "
            "http://127.0.0.1:8080/v1.",
            _server_if_any,
        ),
    ] = ""
    api_key: Annotated[str, _setting("The key of that server.", secret=True)] = ""
    model: Annotated[str, _setting("The model that answers.", min_length=1, max_length=200)] = (
        "smollm2-135m-instruct"
    )
    context_length: Annotated[
        int,
        _setting("Context length of that server's model, in tokens; 0: ask it.", ge=0, le=1 << 20),
    ] = 0
    temperature: Annotated[float, _setting("Default sampling temperature.", ge=0.0, le=2.0)] = 0.7
    top_p: Annotated[float, _setting("Default nucleus sampling mass.", ge=0.0, le=1.0)] = 0.9
    max_tokens: Annotated[
        int, _setting("Default length limit of an answer, in tokens.", ge=1, le=8192)
    ] = 2048
    timeout_s: Annotated[
        float, _setting("Longest wait for the next piece of an answer.", ge=1, le=3600)
    ] = 60.0


class EngineConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The built-in engine process."""

    socket: Annotated[
        str, _setting("Its UNIX socket; empty: inside the data folder.", max_length=100)
    ] = ""
    context_length: Annotated[
        int,
        _setting(
            "Context length in tokens; 0: the model's own, or what memory allows.", ge=0, le=131072
        ),
    ] = 0
    tune: Annotated[
        bool, _setting("Find the fastest settings once, before the first start with a model.")
    ] = True
    threads: Annotated[int, _setting("Threads for the model; 0: found.", ge=0, le=256)] = 0
    flash_attention: Annotated[
        Literal["auto", "on", "off"],
        _setting("Compute attention in one pass; `auto`: found."),
    ] = "auto"
    kv_type: Annotated[
        Literal["auto", "f16", "q8_0"],
        _setting(
            "How keys and values are kept. `q8_0` takes half the memory, changes answers a little "
            "and needs flash attention; `auto`: found."
        ),
    ] = "auto"
    kv_unified: Annotated[
        Literal["auto", "on", "off"],
        _setting("Keep keys and values of all answers in one buffer; `auto`: found."),
    ] = "auto"
    weights: Annotated[
        Literal["auto", "file", "q8_0"],
        _setting(
            "The model's weights as its file has them, or converted to 8 bits, which some "
            "processors compute faster and which takes up to twice the room; `auto`: found."
        ),
    ] = "auto"
    batch: Annotated[
        int, _setting("Most tokens computed in one step; 0: 256.", _batch, ge=0, le=2048)
    ] = 0
    omp_wait_policy: Annotated[
        Literal["auto", "passive", "active"],
        _setting(
            "How threads wait for each other: asleep, or active for a moment first; `auto`: found."
        ),
    ] = "auto"
    parallel: Annotated[
        int, _setting("Answers written at once; fewer if memory is short.", ge=1, le=64)
    ] = 4
    cache_bytes: Annotated[
        int,
        _setting("Memory for conversations that others took the place of.", ge=0, le=64 * 1024**3),
    ] = 256 * MIB
    queue: Annotated[int, _setting("Requests that may wait for the engine.", ge=1, le=1024)] = 16
    embedding_model: Annotated[str, _setting("The model for embeddings.", min_length=1)] = (
        "all-minilm-l6-v2"
    )
    embedding_precision: Annotated[
        Literal["int8", "fp32"], _setting("Which of its two forms is loaded.")
    ] = "int8"


class DatabaseConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Where everything is stored."""

    url: Annotated[
        str,
        _setting("A PostgreSQL server with pgvector; empty: the embedded one.", secret=True),
    ] = ""
    pool_size: Annotated[int, _setting("Connections of one API worker.", ge=1, le=64)] = 8
    statement_timeout_s: Annotated[
        float, _setting("Longest time one statement may take.", ge=0.1, le=600)
    ] = 10.0


class ChatConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How conversations are led."""

    system_prompt: Annotated[
        str, _setting("What the model is told first.", min_length=1, max_length=8000)
    ] = (
        "You are PiSovereign, a private assistant that runs on its owner's own computer. "
        "Answer briefly, correctly and in the user's language."
    )
    commands: Annotated[
        bool,
        _setting(
            "Carry out messages that are clearly commands, unless a request says otherwise with "
            "`commands`."
        ),
    ] = True
    clock: Annotated[bool, _setting("Tell the model the date and time with each message.")] = True


class MemoryConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How memories are kept, and how chat uses them."""

    chat_limit: Annotated[
        int, _setting("Most memories that a chat message is sent with; 0: none.", ge=0, le=20)
    ] = 5
    chat_threshold: Annotated[
        float,
        _setting("Least cosine of a memory and an English message it is sent with.", ge=0, le=1),
    ] = 0.4
    learn: Annotated[
        bool,
        _setting(
            "Learn from what users say in chat, unless a request says otherwise with `learn`."
        ),
    ] = True
    learn_with_model: Annotated[
        bool,
        _setting("Let the model choose further sentences to learn, which takes its time."),
    ] = False

    merge_threshold: Annotated[
        float,
        _setting("Least cosine of two memories that may be merged into one.", ge=0.5, le=1.0),
    ] = 0.85
    half_life_days: Annotated[
        float,
        _setting("Days without use in which a memory loses half of its importance.", ge=1, le=3650),
    ] = 90.0
    delete_below: Annotated[
        float,
        _setting("Importance below which a memory is deleted; 0: none is.", ge=0.0, le=1.0),
    ] = 0.0
    access_flush_s: Annotated[
        float,
        _setting("Seconds between two writes of how often memories were used.", ge=1, le=3600),
    ] = 60.0
    index_bytes: Annotated[
        int,
        _setting("Memory of one API worker for the indexes of memories.", ge=0, le=64 * 1024**3),
    ] = 64 * MIB


class RemindersConfig(msgspec.Struct, frozen=True, kw_only=True):
    """When reminders are told, and how often they can be put off."""

    snooze_minutes: Annotated[
        int, _setting("Minutes a reminder is put off if none are given.", ge=1, le=10_080)
    ] = 15
    snooze_limit: Annotated[
        int, _setting("How often a reminder can be put off.", ge=0, le=1000)
    ] = 5
    deliver: Annotated[
        tuple[Literal["events", "whatsapp", "mail"], ...],
        _setting("How reminders are told: `events`, `whatsapp`, `mail`."),
    ] = ("events",)
    check_s: Annotated[
        float,
        _setting(
            "Seconds between two looks for due reminders; one that is known is told on time.",
            ge=1,
            le=3600,
        ),
    ] = 60.0


class EventsConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What is told to a user's programs without being asked for."""

    keep: Annotated[
        int, _setting("Events of each user that a stream can go back to.", ge=10, le=1_000_000)
    ] = 1000


class OutboundConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How other servers are reached: weather, calendar, mail, WhatsApp."""

    allow_hosts: Annotated[
        tuple[str, ...],
        _setting(
            "Hosts, or `host:port`, that may be on the local network and may be asked without "
            "TLS. Those of the integrations' own addresses need not be repeated.",
            _hosts,
        ),
    ] = ()
    ca_file: Annotated[
        str, _setting("A PEM file with a further authority that certificates may be signed by.")
    ] = ""
    connect_timeout_s: Annotated[
        float, _setting("Longest wait for a name or a connection, in seconds.", ge=0.1, le=60)
    ] = 5.0
    timeout_s: Annotated[
        float,
        _setting("Longest time one request may take with all its tries.", ge=0.1, le=300),
    ] = 20.0
    response_limit_bytes: Annotated[
        int, _setting("Largest answer that is read, in bytes.", ge=KIB, le=256 * MIB)
    ] = 4 * MIB
    tries: Annotated[
        int, _setting("How often a question is asked when the host fails.", ge=1, le=10)
    ] = 3
    breaker_failures: Annotated[
        int, _setting("Failures in a row after which a host is given a pause.", ge=1, le=100)
    ] = 5
    breaker_pause_s: Annotated[
        float, _setting("Length of that pause, in seconds.", ge=0.1, le=3600)
    ] = 30.0


class WeatherConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The weather, from Open-Meteo. Nothing is asked until a place is set."""

    location: Annotated[
        str, _setting("The place, such as `Berlin` or `Springfield, Illinois`.", max_length=200)
    ] = ""
    latitude: Annotated[
        float | None,
        _setting(
            "Its latitude, -90 to 90; with both coordinates its name is not looked up.", _latitude
        ),
    ] = None
    longitude: Annotated[float | None, _setting("Its longitude, -180 to 180.", _longitude)] = None
    base_url: Annotated[
        str, _setting("The forecast service, or one of your own that speaks its API.", _server)
    ] = "https://api.open-meteo.com/v1"
    geocoding_url: Annotated[str, _setting("The service that finds places.", _server)] = (
        "https://geocoding-api.open-meteo.com/v1"
    )
    cache_minutes: Annotated[
        int, _setting("How long an answer is used again, in minutes.", ge=1, le=1440)
    ] = 30
    timeout_s: Annotated[
        float, _setting("Longest wait for an answer, in seconds.", ge=0.1, le=60)
    ] = 4.0


class CaldavConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The calendar server."""

    url: Annotated[
        str,
        _setting(
            "Address of the calendar server, such as https://cloud.example/remote.php/dav/; "
            "empty: no calendar.",
            _server_if_any,
        ),
    ] = ""
    username: Annotated[str, _setting("Name of the account there.", max_length=200)] = ""
    password: Annotated[str, _setting("Its password.", secret=True)] = ""
    password_file: Annotated[
        str,
        _setting("A file that holds the password; else systemd's credential `caldav_password`."),
    ] = ""
    users: Annotated[
        tuple[str, ...],
        _setting("Users (UUIDs) whose calendars these are; empty: the only user's.", _uuids),
    ] = ()
    calendars: Annotated[
        tuple[str, ...], _setting("Names of the calendars that are read; empty: all.")
    ] = ()
    default_calendar: Annotated[
        str, _setting("Name of the calendar for new events; empty: the first that is read.")
    ] = ""
    ca_file: Annotated[
        str,
        _setting("A PEM file with the authority of this server; empty: `outbound.ca_file`."),
    ] = ""
    timeout_s: Annotated[
        float, _setting("Longest time to read or to write, in seconds.", ge=1, le=120)
    ] = 20.0


class RunnerConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The process that executes commands, and what one command may use up."""

    socket: Annotated[
        str, _setting("Its UNIX socket; empty: inside the data folder.", max_length=100)
    ] = ""
    privileged_socket: Annotated[
        str,
        _setting(
            "Where the appliance restarts itself when it is told to; empty: that is refused.",
            max_length=100,
        ),
    ] = ""
    parallel: Annotated[int, _setting("Commands that run at once; others wait.", ge=1, le=16)] = 4
    timeout_s: Annotated[
        float, _setting("Longest time of a command, in seconds.", ge=1, le=600)
    ] = 30.0
    output_bytes: Annotated[
        int, _setting("Output of a command that is kept, in bytes.", ge=KIB, le=MIB)
    ] = 64 * KIB
    memory_bytes: Annotated[
        int, _setting("Memory that a command may take, in bytes.", ge=64 * MIB, le=64 * 1024**3)
    ] = 512 * MIB
    processes: Annotated[
        int, _setting("Processes that a command may consist of.", ge=1, le=1024)
    ] = 32


class ApprovalsConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for a person's decision."""

    expires_minutes: Annotated[
        int, _setting("Minutes in which an approval must be decided.", ge=1, le=10_080)
    ] = 30


class BriefingConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The briefing."""

    source_timeout_s: Annotated[
        float, _setting("Longest time a briefing waits for each of its sources.", ge=0.1, le=60)
    ] = 5.0


class WhatsAppSender(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may write to the assistant."""

    phone: Annotated[
        str,
        _setting(
            "Their number with the country's code, such as +4915112345678.",
            pattern=r"^\+?[0-9]{6,15}$",
        ),
    ]
    user_id: Annotated[str, _setting("The user (UUID) they are.", _user_id)]
    approve: Annotated[
        bool, _setting("Whether they may approve with a code that they are shown.")
    ] = True


class WhatsAppConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Messages through Meta's WhatsApp Cloud API; who may write, and who that is."""

    phone_number_id: Annotated[
        str,
        _setting(
            "The id of the business phone number; empty: WhatsApp is off.",
            pattern="^[0-9]{0,32}$",
            max_length=32,
        ),
    ] = ""
    access_token: Annotated[str, _setting("The access token.", secret=True)] = ""
    access_token_file: Annotated[str, _setting("A file that holds it.")] = ""
    app_secret: Annotated[
        str, _setting("The app's secret, which webhooks are signed with.", secret=True)
    ] = ""
    app_secret_file: Annotated[str, _setting("A file that holds it.")] = ""
    verify_token: Annotated[
        str, _setting("A word of your own that Meta proves itself with once.", secret=True)
    ] = ""
    verify_token_file: Annotated[str, _setting("A file that holds it.")] = ""
    senders: Annotated[
        tuple[WhatsAppSender, ...],
        _setting("Who may write, and which user that is; none: nobody."),
    ] = ()
    language: Annotated[
        Literal["en", "de"],
        _setting("What is spoken where a message does not tell its language."),
    ] = "en"
    graph_url: Annotated[str, _setting("Where the Graph API is.", _server)] = (
        "https://graph.facebook.com"
    )
    graph_version: Annotated[str, _setting("Its version.", pattern=r"^v[0-9]{1,3}\.[0-9]$")] = (
        "v26.0"
    )
    timeout_s: Annotated[
        float, _setting("Longest time one call of the Graph API may take.", ge=1, le=60)
    ] = 10.0
    template: Annotated[
        str,
        _setting(
            "An approved template with one place in its body, for reminders and results of "
            "schedules later than 24 hours after the user's last message; empty: none.",
            pattern="^[a-z0-9_]{0,512}$",
            max_length=512,
        ),
    ] = ""
    template_language: Annotated[
        str, _setting("The template's language.", pattern="^[A-Za-z_]{2,10}$")
    ] = "en"


class EmailConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The mailbox: IMAP for reading, SMTP for sending."""

    imap_host: Annotated[
        str, _setting("The server that mail is read from; empty: none.", _host)
    ] = ""
    imap_port: Annotated[
        int, _setting("Its port; 0: 993 with TLS, 143 with STARTTLS.", ge=0, le=65535)
    ] = 0
    imap_security: Annotated[
        Literal["tls", "starttls"],
        _setting("Encrypted from the first byte, or after a greeting; never without."),
    ] = "tls"
    smtp_host: Annotated[
        str, _setting("The server that takes mail to be sent; empty: nothing is sent.", _host)
    ] = ""
    smtp_port: Annotated[
        int, _setting("Its port; 0: 465 with TLS, 587 with STARTTLS.", ge=0, le=65535)
    ] = 0
    smtp_security: Annotated[Literal["tls", "starttls"], _setting("As `email.imap_security`.")] = (
        "tls"
    )
    username: Annotated[str, _setting("Who logs in, to both.", _one_line, max_length=320)] = ""
    password: Annotated[
        str, _setting("The password, mostly one made for this program.", _one_line, secret=True)
    ] = ""
    password_file: Annotated[
        str, _setting("A file that holds the password instead; see `docs/integrations.md`.")
    ] = ""
    from_address: Annotated[
        str,
        _setting("The sender of what is sent; empty: `email.username`.", _one_line, max_length=320),
    ] = ""
    user_id: Annotated[
        str,
        _setting(
            "Whose mailbox it is (UUID); may be left empty where there is one user only.",
            _user_id_or_empty,
        ),
    ] = ""
    folder: Annotated[
        str, _setting("The folder that is read.", _one_line, min_length=1, max_length=200)
    ] = "INBOX"
    sent_folder: Annotated[
        str,
        _setting("Where sent mail is kept; empty: as the server says.", _one_line, max_length=200),
    ] = ""
    drafts_folder: Annotated[
        str,
        _setting("Where drafts are kept; empty: as the server says.", _one_line, max_length=200),
    ] = ""
    save_sent: Annotated[
        bool,
        _setting("Put a copy of what was sent into that folder, unless the server did itself."),
    ] = True
    timeout_s: Annotated[
        float, _setting("Longest time that one question to a server may take.", ge=1, le=120)
    ] = 20.0

    @property
    def imap_address(self) -> tuple[str, int]:
        """Host and port that mail is read from."""
        return self.imap_host, self.imap_port or (993 if self.imap_security == "tls" else 143)

    @property
    def smtp_address(self) -> tuple[str, int]:
        """Host and port that mail is sent to."""
        return self.smtp_host, self.smtp_port or (465 if self.smtp_security == "tls" else 587)


class ScheduleConfig(msgspec.Struct, frozen=True, kw_only=True):
    """A request that is carried out again and again, as a task."""

    name: Annotated[
        str,
        _setting(
            "What it is called: lowercase letters, digits and hyphens.",
            pattern=r"^[a-z0-9][a-z0-9-]{0,63}$",
        ),
    ]
    cron: Annotated[
        str,
        _setting(
            "When: minute, hour, day of the month, month, day of the week; a sixth field in front "
            "is the second.",
            cron_rule,
            max_length=200,
        ),
    ]
    description: Annotated[
        str,
        _setting("What is to be done.", not_blank, no_nul, min_length=1, max_length=4000),
    ]
    enabled: Annotated[bool, _setting("Whether it is carried out.")] = True
    user_id: Annotated[
        str,
        _setting(
            "Whose it is (UUID); may be left empty where there is one user only.",
            _user_id_or_empty,
        ),
    ] = ""
    time_zone: Annotated[
        str, _setting("Where its hours are meant; empty: `server.time_zone`.", _time_zone)
    ] = ""
    grace_minutes: Annotated[
        int,
        _setting("How late one that was missed is still made up for.", ge=1, le=1440),
    ] = 60
    deliver: Annotated[
        tuple[Literal["events", "whatsapp", "mail"], ...],
        _setting("How the result is told: `events`, `whatsapp`, `mail`."),
    ] = ("events",)
    max_tokens: Annotated[
        int, _setting("As `agentic.max_tokens`; 0: that.", ge=0, le=1_000_000)
    ] = 0
    timeout_s: Annotated[float, _setting("As `agentic.timeout_s`; 0: that.", ge=0, le=86400)] = 0.0


class AgenticConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Requests that are carried out in several parts."""

    enabled: Annotated[bool, _setting("Whether there are agentic tasks.")] = True
    max_sub_agents: Annotated[
        int, _setting("Most sub-tasks that one task may have.", ge=1, le=32)
    ] = 8
    max_parallel: Annotated[
        int, _setting("Sub-tasks of one task that are worked at together.", ge=1, le=32)
    ] = 4
    max_tokens: Annotated[
        int,
        _setting("Tokens that the model may read and write for one task.", ge=100, le=1_000_000),
    ] = 8_000
    timeout_s: Annotated[
        float,
        _setting(
            "Longest time of work at one task, without waiting for approvals.", ge=1, le=86400
        ),
    ] = 600.0
    plan_with_model: Annotated[
        bool, _setting("Let the model plan what rules do not understand.")
    ] = True
    phrase_result: Annotated[
        bool,
        _setting(
            "Let the model word the answer, which takes its time; it is believed only if every "
            "fact in it is one of the results, and none is missing."
        ),
    ] = False
    max_open: Annotated[
        int, _setting("Tasks of one user that may be under way.", ge=1, le=1000)
    ] = 50
    keep_days: Annotated[
        int,
        _setting("Days after which a task that is over is deleted; 0: never.", ge=0, le=3650),
    ] = 90
    schedules: Annotated[
        tuple[ScheduleConfig, ...],
        _setting("Requests that are carried out at certain times, as tasks."),
    ] = ()


class TelemetryConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What is logged; never message text or keys."""

    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], _setting("Least severity that is logged.")
    ] = "info"
    log_format: Annotated[Literal["text", "json"], _setting("Form of a log line.")] = "text"
    access_log: Annotated[bool, _setting("Log one line for each request.")] = True


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """The whole configuration."""

    server: ServerConfig = ServerConfig()
    security: SecurityConfig = SecurityConfig()
    inference: InferenceConfig = InferenceConfig()
    engine: EngineConfig = EngineConfig()
    database: DatabaseConfig = DatabaseConfig()
    chat: ChatConfig = ChatConfig()
    memory: MemoryConfig = MemoryConfig()
    reminders: RemindersConfig = RemindersConfig()
    events: EventsConfig = EventsConfig()
    whatsapp: WhatsAppConfig = WhatsAppConfig()
    outbound: OutboundConfig = OutboundConfig()
    caldav: CaldavConfig = CaldavConfig()
    weather: WeatherConfig = WeatherConfig()
    runner: RunnerConfig = RunnerConfig()
    approvals: ApprovalsConfig = ApprovalsConfig()
    briefing: BriefingConfig = BriefingConfig()
    email: EmailConfig = EmailConfig()
    agentic: AgenticConfig = AgenticConfig()
    telemetry: TelemetryConfig = TelemetryConfig()
