"""The configuration: one typed, frozen tree.

Every setting has its default, its bounds and its description here, or for services outside in
`config_integrations.py` and for tasks in `config_agentic.py`, and nowhere else; a test holds
`docs/configuration.md` to them. How the values are found (file, then environment) is in
`config_sources.py`.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from pisovereign.config import rules
from pisovereign.config.agentic import AgenticConfig
from pisovereign.config.integrations import (
    CaldavConfig,
    EmailConfig,
    OutboundConfig,
    WeatherConfig,
    WhatsAppConfig,
)
from pisovereign.config.rules import KIB, MIB, setting

Scope = Literal["user", "approve", "admin"]

_HASH = r"^blake2b\$[A-Za-z0-9_-]{22}\$[A-Za-z0-9_-]{43}$"


class ServerConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Where and how the API listens."""

    host: Annotated[str, setting("Address to listen on.", min_length=1)] = "127.0.0.1"
    port: Annotated[int, setting("Port to listen on.", ge=1, le=65535)] = 3000
    names: Annotated[
        tuple[str, ...],
        setting(
            "Further names that this server is reached by, such as those of a proxy; `/mcp` and "
            "set-up refuse requests for others.",
            rules.names,
        ),
    ] = ()
    workers: Annotated[int, setting("API worker processes.", ge=1, le=16)] = 1
    environment: Annotated[
        Literal["development", "production"],
        setting("`production` refuses API keys in plain text in this file."),
    ] = "development"
    time_zone: Annotated[
        str,
        setting("The user's time zone, such as Europe/Berlin; empty: the host's.", rules.time_zone),
    ] = ""
    body_limit_bytes: Annotated[
        int, setting("Largest request body, in bytes.", ge=KIB, le=64 * MIB)
    ] = MIB
    body_timeout_s: Annotated[
        float, setting("Time a client may take to send its body, in seconds.", ge=1, le=600)
    ] = 15.0
    write_timeout_s: Annotated[
        float,
        setting("Time a client may take to accept a piece of an answer, in seconds.", ge=1, le=600),
    ] = 30.0
    shutdown_grace_s: Annotated[
        int, setting("Time running answers have to finish when the server stops.", ge=1, le=600)
    ] = 20
    trusted_proxies: Annotated[
        tuple[str, ...],
        setting(
            "Addresses whose `X-Forwarded-For` is believed, read from the right.", rules.networks
        ),
    ] = ()


class SetupConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The page that gives a new device its owner; see [first-boot.md](first-boot.md)."""

    enabled: Annotated[
        bool,
        setting("Let nothing run before somebody has set the device up with its console's code."),
    ] = False
    seed_folder: Annotated[
        str, setting("Models that came with the device, which set-up copies first; empty: none.")
    ] = ""
    media_folder: Annotated[
        str, setting("Where memory sticks are mounted, to take models from; empty: nowhere.")
    ] = ""


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """One API key, kept as the hash that `pisovereign-cli hash-api-key` prints."""

    hash: Annotated[str, setting("The key's hash.", pattern=_HASH)]
    user_id: Annotated[str, setting("The user (UUID) the key belongs to.", rules.user_id)]
    scopes: Annotated[
        tuple[Scope, ...], setting("What the key may do: user, approve, admin.", min_length=1)
    ] = ("user", "approve")
    name: Annotated[str, setting("A name to recognize the key by.", max_length=100)] = ""


class SecurityConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Who may call the API, and how often."""

    api_key_users: Annotated[
        dict[str, str],
        setting("Plain API keys and the user (UUID) of each.", rules.user_ids, secret=True),
    ] = msgspec.field(default_factory=dict)
    api_keys: Annotated[tuple[ApiKey, ...], setting("API keys kept as hashes.")] = ()
    rate_limit_rpm: Annotated[
        int, setting("Requests a minute that one address may make.", ge=1, le=1_000_000)
    ] = 120
    blocked_networks: Annotated[
        tuple[str, ...], setting("Addresses and networks that are refused.", rules.networks)
    ] = ()


class InferenceConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Which model answers, and where it runs."""

    base_url: Annotated[
        str,
        setting(
            "An OpenAI-compatible server to use instead of the built-in engine, such as "
            "http://127.0.0.1:8080/v1.",
            rules.server_if_any,
        ),
    ] = ""
    api_key: Annotated[str, setting("The key of that server.", secret=True)] = ""
    model: Annotated[str, setting("The model that answers.", min_length=1, max_length=200)] = (
        "smollm2-135m-instruct"
    )
    context_length: Annotated[
        int,
        setting("Context length of that server's model, in tokens; 0: ask it.", ge=0, le=1 << 20),
    ] = 0
    temperature: Annotated[
        float,
        setting(
            "Default sampling temperature. Small models are right more often at low ones.",
            ge=0.0,
            le=2.0,
        ),
    ] = 0.2
    top_p: Annotated[float, setting("Default nucleus sampling mass.", ge=0.0, le=1.0)] = 0.9
    max_tokens: Annotated[
        int, setting("Default length limit of an answer, in tokens.", ge=1, le=8192)
    ] = 2048
    timeout_s: Annotated[
        float, setting("Longest wait for the next piece of an answer.", ge=1, le=3600)
    ] = 60.0


class EngineConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The built-in engine process."""

    socket: Annotated[
        str, setting("Its UNIX socket; empty: inside the data folder.", max_length=100)
    ] = ""
    context_length: Annotated[
        int,
        setting(
            "Context length in tokens; 0: the model's own, or what memory allows.", ge=0, le=131072
        ),
    ] = 0
    tune: Annotated[
        bool, setting("Find the fastest settings once, before the first start with a model.")
    ] = True
    threads: Annotated[int, setting("Threads for the model; 0: found.", ge=0, le=256)] = 0
    flash_attention: Annotated[
        Literal["auto", "on", "off"],
        setting("Compute attention in one pass; `auto`: found."),
    ] = "auto"
    kv_type: Annotated[
        Literal["auto", "f16", "q8_0"],
        setting(
            "How keys and values are kept. `q8_0` takes half the memory, changes answers a little "
            "and needs flash attention; `auto`: found."
        ),
    ] = "auto"
    kv_unified: Annotated[
        Literal["auto", "on", "off"],
        setting("Keep keys and values of all answers in one buffer; `auto`: found."),
    ] = "auto"
    weights: Annotated[
        Literal["auto", "file", "q8_0"],
        setting(
            "The model's weights as its file has them, or converted to 8 bits, which some "
            "processors compute faster and which takes up to twice the room; `auto`: found."
        ),
    ] = "auto"
    batch: Annotated[
        int, setting("Most tokens computed in one step; 0: 256.", rules.batch, ge=0, le=2048)
    ] = 0
    omp_wait_policy: Annotated[
        Literal["auto", "passive", "active"],
        setting(
            "How threads wait for each other: asleep, or active for a moment first; `auto`: found."
        ),
    ] = "auto"
    parallel: Annotated[
        int, setting("Answers written at once; fewer if memory is short.", ge=1, le=64)
    ] = 4
    cache_bytes: Annotated[
        int,
        setting("Memory for conversations that others took the place of.", ge=0, le=64 * 1024**3),
    ] = 256 * MIB
    queue: Annotated[int, setting("Requests that may wait for the engine.", ge=1, le=1024)] = 16
    embedding_model: Annotated[str, setting("The model for embeddings.", min_length=1)] = (
        "all-minilm-l6-v2"
    )
    embedding_precision: Annotated[
        Literal["int8", "fp32"], setting("Which of its two forms is loaded.")
    ] = "int8"


class DatabaseConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Where everything is stored."""

    url: Annotated[
        str,
        setting("A PostgreSQL server with pgvector; empty: the embedded one.", secret=True),
    ] = ""
    owner_url: Annotated[
        str,
        setting("The login that owns its tables, for backups; empty: `database.url`.", secret=True),
    ] = ""
    pool_size: Annotated[int, setting("Connections of one API worker.", ge=1, le=64)] = 8
    statement_timeout_s: Annotated[
        float, setting("Longest time one statement may take.", ge=0.1, le=600)
    ] = 10.0


class ChatConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How conversations are led."""

    system_prompt: Annotated[
        str, setting("What the model is told first.", min_length=1, max_length=8000)
    ] = (
        # Small models are right most often with this: see docs/benchmarks.md.
        "You are a helpful AI assistant named PiSovereign."
    )
    commands: Annotated[
        bool,
        setting(
            "Carry out messages that are clearly commands, unless a request says otherwise with "
            "`commands`."
        ),
    ] = True
    clock: Annotated[bool, setting("Tell the model the date and time with each message.")] = True


class MemoryConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How memories are kept, and how chat uses them."""

    chat_limit: Annotated[
        int, setting("Most memories that a chat message is sent with; 0: none.", ge=0, le=20)
    ] = 5
    chat_threshold: Annotated[
        float,
        setting("Least cosine of a memory and an English message it is sent with.", ge=0, le=1),
    ] = 0.4
    learn: Annotated[
        bool,
        setting("Learn from what users say in chat, unless a request says otherwise with `learn`."),
    ] = True
    learn_with_model: Annotated[
        bool,
        setting("Let the model choose further sentences to learn, which takes its time."),
    ] = False

    merge_threshold: Annotated[
        float,
        setting("Least cosine of two memories that may be merged into one.", ge=0.5, le=1.0),
    ] = 0.85
    half_life_days: Annotated[
        float,
        setting("Days without use in which a memory loses half of its importance.", ge=1, le=3650),
    ] = 90.0
    delete_below: Annotated[
        float,
        setting("Importance below which a memory is deleted; 0: none is.", ge=0.0, le=1.0),
    ] = 0.0
    access_flush_s: Annotated[
        float,
        setting("Seconds between two writes of how often memories were used.", ge=1, le=3600),
    ] = 60.0
    index_bytes: Annotated[
        int,
        setting("Memory of one API worker for the indexes of memories.", ge=0, le=64 * 1024**3),
    ] = 64 * MIB


class RemindersConfig(msgspec.Struct, frozen=True, kw_only=True):
    """When reminders are told, and how often they can be put off."""

    snooze_minutes: Annotated[
        int, setting("Minutes a reminder is put off if none are given.", ge=1, le=10_080)
    ] = 15
    snooze_limit: Annotated[int, setting("How often a reminder can be put off.", ge=0, le=1000)] = 5
    deliver: Annotated[
        tuple[Literal["events", "whatsapp", "mail"], ...],
        setting("How reminders are told: `events`, `whatsapp`, `mail`.", rules.each_once),
    ] = ("events",)
    check_s: Annotated[
        float,
        setting(
            "Seconds between two looks for due reminders; one that is known is told on time.",
            ge=1,
            le=3600,
        ),
    ] = 60.0


class EventsConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What is told to a user's programs without being asked for."""

    keep: Annotated[
        int, setting("Events of each user that a stream can go back to.", ge=10, le=1_000_000)
    ] = 1000


class RunnerConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The process that executes commands, and what one command may use up."""

    socket: Annotated[
        str, setting("Its UNIX socket; empty: inside the data folder.", max_length=100)
    ] = ""
    network_socket: Annotated[
        str,
        setting(
            "Where another runner executes commands that need the network; empty: `socket`.",
            max_length=100,
        ),
    ] = ""
    privileged_socket: Annotated[
        str,
        setting(
            "Where the appliance restarts itself when it is told to; empty: that is refused.",
            max_length=100,
        ),
    ] = ""
    parallel: Annotated[int, setting("Commands that run at once; others wait.", ge=1, le=16)] = 4
    timeout_s: Annotated[float, setting("Longest time of a command, in seconds.", ge=1, le=600)] = (
        30.0
    )
    output_bytes: Annotated[
        int, setting("Output of a command that is kept, in bytes.", ge=KIB, le=MIB)
    ] = 64 * KIB
    memory_bytes: Annotated[
        int, setting("Memory that a command may take, in bytes.", ge=64 * MIB, le=64 * 1024**3)
    ] = 512 * MIB
    processes: Annotated[
        int, setting("Processes that a command may consist of.", ge=1, le=1024)
    ] = 32


class ApprovalsConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for a person's decision."""

    expires_minutes: Annotated[
        int, setting("Minutes in which an approval must be decided.", ge=1, le=10_080)
    ] = 30


class BriefingConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The briefing."""

    source_timeout_s: Annotated[
        float, setting("Longest time a briefing waits for each of its sources.", ge=0.1, le=60)
    ] = 5.0


class CacheConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept for a while in the memory of each API worker, so as not to be asked again."""

    bytes: Annotated[
        int, setting("Memory that it may take, about.", ge=64 * KIB, le=1024 * MIB)
    ] = 8 * MIB
    entries: Annotated[int, setting("Values that it may hold.", ge=16, le=1_000_000)] = 4096
    answers_s: Annotated[
        float,
        setting(
            "How long an answer at temperature 0 is given again to the same user for exactly the "
            "same prompt, in seconds; 0: each is computed.",
            ge=0,
            le=86400,
        ),
    ] = 600.0
    embeddings_s: Annotated[
        float,
        setting(
            "How long the vector of what a user searched or said is kept, in seconds; 0: not.",
            ge=0,
            le=86400,
        ),
    ] = 3600.0


class BackupConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What `pisovereign-cli backup` does when it is not told otherwise."""

    folder: Annotated[
        str, setting("Folder for backups, better on another disk; empty: the command names it.")
    ] = ""
    keep: Annotated[int, setting("How many are kept there.", ge=1, le=10_000)] = 7
    passphrase_file: Annotated[
        str,
        setting("A file that holds the passphrase; else systemd's credential `backup_passphrase`."),
    ] = ""


class TelemetryConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What is logged; never message text or keys."""

    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], setting("Least severity that is logged.")
    ] = "info"
    log_format: Annotated[Literal["text", "json"], setting("Form of a log line.")] = "text"
    access_log: Annotated[bool, setting("Log one line for each request.")] = True


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """The whole configuration."""

    server: ServerConfig = ServerConfig()
    setup: SetupConfig = SetupConfig()
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
    cache: CacheConfig = CacheConfig()
    backup: BackupConfig = BackupConfig()
    telemetry: TelemetryConfig = TelemetryConfig()
