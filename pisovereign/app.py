"""The composition root: what the API is made of, wired once and in plain sight."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

import falcon.asgi
from prometheus_client import CollectorRegistry

from pisovereign.agents.build import Agents, Uses, build_agents
from pisovereign.agents.effects import AGENT_PLAN, CREATE_REMINDER, PlanExecutor, ReminderCreator
from pisovereign.agents.resources import (
    TaskCancelResource,
    TaskResource,
    TasksResource,
    TaskStreamResource,
)
from pisovereign.approvals.resources import (
    ApprovalResource,
    ApprovalsResource,
    ApproveResource,
    CancelResource,
    DenyResource,
)
from pisovereign.approvals.sealed import ApprovalSealer
from pisovereign.approvals.service import ApprovalService
from pisovereign.approvals.types import Executor
from pisovereign.approvals.upkeep import ApprovalUpkeep
from pisovereign.audit.log import AuditLog
from pisovereign.audit.resources import AuditResource, AuditVerifyResource
from pisovereign.catalog.execution import CatalogExecutor
from pisovereign.catalog.resources import (
    CatalogCommandResource,
    CatalogCountResource,
    CatalogExecuteResource,
    CatalogResource,
    CatalogSearchResource,
)
from pisovereign.catalog.service import KIND as CATALOG_COMMAND
from pisovereign.catalog.service import CatalogService
from pisovereign.catalog.store import CatalogStore
from pisovereign.chat.command_turn import CommandTurns
from pisovereign.chat.resources import (
    ChatResource,
    ChatStreamResource,
    ConversationResource,
    ConversationsResource,
)
from pisovereign.chat.service import ChatService
from pisovereign.chat.store import ChatStore
from pisovereign.commands.actions import Actions
from pisovereign.commands.event_creator import CREATE_EVENT, EventCreator
from pisovereign.commands.parsing.nearest import NearestExample, load_examples
from pisovereign.commands.parsing.parser import Parser
from pisovereign.commands.parsing.proposal import Proposer
from pisovereign.commands.parsing.resources import ParseResource
from pisovereign.commands.parsing.service import ParseService
from pisovereign.commands.readings import Readings
from pisovereign.commands.resources import CommandsResource
from pisovereign.commands.service import CommandService
from pisovereign.commands.sources import NoCalendar, NoLetters, NoMail, NoWeather, Sources
from pisovereign.commands.spoken import SpokenCommands
from pisovereign.config import Config
from pisovereign.engine.client import EngineClient
from pisovereign.errors import StartError
from pisovereign.events.log import EventLog
from pisovereign.events.resources import EventsResource
from pisovereign.events.stream import Watchers
from pisovereign.events.wake import Alarms
from pisovereign.http.asgi import AsgiApp
from pisovereign.http.auth import Authenticate
from pisovereign.http.body import BodyLimit, BodyReader
from pisovereign.http.client_address import ClientAddress
from pisovereign.http.disconnect import CancelOnDisconnect
from pisovereign.http.errors import add_error_handlers
from pisovereign.http.observe import Observe
from pisovereign.http.protocol import ENDING
from pisovereign.http.rate_limit import RateLimit
from pisovereign.integrations.calendar.build import build_calendar
from pisovereign.integrations.calendar.executor import CHANGE, ChangeExecutor
from pisovereign.integrations.calendar.resources import CalendarEventResource
from pisovereign.integrations.calendar.service import CalendarService
from pisovereign.integrations.mail.build import MailParts, build_mail
from pisovereign.integrations.mail.wire import MailThreads
from pisovereign.integrations.resources import IntegrationsTestResource
from pisovereign.integrations.trial import Integration, Trial
from pisovereign.integrations.weather.client import OpenMeteo
from pisovereign.integrations.weather.places import Place
from pisovereign.integrations.weather.source import OpenMeteoSource
from pisovereign.integrations.whatsapp.settings import load_settings
from pisovereign.keys import KeyRing
from pisovereign.memory.access import AccessCounter
from pisovereign.memory.cache import IndexCache
from pisovereign.memory.decay import Decay
from pisovereign.memory.editor import MemoryEditor
from pisovereign.memory.embedding import Encoder
from pisovereign.memory.index_store import IndexStore
from pisovereign.memory.learning import Learner
from pisovereign.memory.recall import Recall
from pisovereign.memory.reembed import Reembedder
from pisovereign.memory.resources import (
    MemoriesResource,
    MemoryDecayResource,
    MemoryExportResource,
    MemoryResource,
    MemorySearchResource,
    MemoryStatsResource,
)
from pisovereign.memory.retrieval import Retriever
from pisovereign.memory.rows import RowMaker
from pisovereign.memory.sealed import TextSealer
from pisovereign.memory.selection import Selection
from pisovereign.memory.service import MemoryService
from pisovereign.memory.terms import Stemmer, TermHasher
from pisovereign.memory.upkeep import Upkeep
from pisovereign.metrics.http import HttpMetrics
from pisovereign.metrics.inference import InferenceMetrics
from pisovereign.metrics.resources import MetricsResource, PrometheusResource
from pisovereign.metrics.service import MetricsService
from pisovereign.models.manifest import load_manifest
from pisovereign.openai.resources import (
    ChatCompletionsResource,
    EmbeddingsResource,
    ModelEntryResource,
    ModelListResource,
)
from pisovereign.openai.service import OpenAiService
from pisovereign.openapi.document import render
from pisovereign.openapi.resources import AssetResource, DocumentResource, PageResource
from pisovereign.outbound.outbound import Outbound
from pisovereign.outbox.post import Post
from pisovereign.outbox.store import OutboxStore
from pisovereign.reminders.announcer import Announcer
from pisovereign.reminders.resources import (
    ReminderDoneResource,
    ReminderResource,
    ReminderSnoozeResource,
    RemindersResource,
)
from pisovereign.reminders.scheduler import Scheduler
from pisovereign.reminders.service import ReminderService
from pisovereign.reminders.store import ReminderStore
from pisovereign.runner.client import RunnerClient
from pisovereign.runtime import Runtime
from pisovereign.storage.pool import Database
from pisovereign.storage.sealing import Sealer
from pisovereign.system.catalog import ModelCatalog
from pisovereign.system.health import Check
from pisovereign.system.models import ModelsResource
from pisovereign.system.resources import HealthResource, ReadyAllResource, ReadyResource
from pisovereign.system.status import StatusResource, SystemStatus
from pisovereign.system.usage import Usage
from pisovereign.webhooks.whatsapp.build import WHATSAPP_SETTING, WhatsApp
from pisovereign.webhooks.whatsapp.resources import WhatsAppWebhookResource

if TYPE_CHECKING:
    from pisovereign.integrations.calendar.source import CalDavCalendar


class Background(Protocol):
    """Work that goes on beside the requests."""

    def start(self) -> None:
        """Begin, on the running loop."""

    async def stop(self) -> None:
        """End."""


class Closing(Protocol):
    """What holds connections or tasks."""

    async def close(self) -> None:
        """Let go of them."""


class Lifespan:
    """Opens what the app needs when it starts, and closes it when it ends."""

    def __init__(
        self,
        database: Database,
        closing: Sequence[Closing],
        background: Sequence[Background],
        ending: Sequence[Callable[[], None]],
    ) -> None:
        self._database = database
        self._closing = closing
        self._background = background
        self._ending = ending

    async def process_startup(self, scope: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        """Open the connection pool; a database that is away is waited for by requests."""
        scope["state"][ENDING] = self._end
        await self._database.open()
        for work in self._background:
            work.start()

    def _end(self) -> None:
        for end in self._ending:
            end()

    async def process_shutdown(self, scope: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        """Write what is still in memory, and close connections."""
        await asyncio.gather(*(work.stop() for work in self._background))
        for user in self._closing:
            await user.close()
        await self._database.close()


def create_app(config: Config, runtime: Runtime) -> AsgiApp:
    """Build the API.

    Args:
        config: The checked configuration.
        runtime: Where this process finds the database, the engine and its keys.
    """
    database = Database(
        runtime.database_dsn,
        pool_size=config.database.pool_size,
        statement_timeout_s=config.database.statement_timeout_s,
    )
    registry = CollectorRegistry()
    outbound = Outbound(config)
    engine = EngineClient(
        runtime.engine_target,
        api_key=config.inference.api_key,
        timeout_s=config.inference.timeout_s,
        meter=InferenceMetrics(registry),
        connector=outbound.connector,
    )
    models = ModelCatalog(config.inference, engine, load_manifest())
    keys = KeyRing(config.security, runtime.owner_key)
    memory, upkeep = _build_memory(config, runtime, database, engine, keys)
    metrics = MetricsService(registry, engine, runtime.started_at)
    bodies = BodyReader(config.server.body_limit_bytes, config.server.body_timeout_s)
    alarms = Alarms()
    events = EventLog(database, Sealer(runtime.master_key), config.events.keep)
    whatsapp = _build_whatsapp(config, runtime, outbound)
    users = list(dict.fromkeys(keys.users() + (whatsapp.people.users() if whatsapp else [])))
    mail_threads = MailThreads()
    mailbox = _build_mail(config, outbound, mail_threads, users)
    post = Post(
        OutboxStore(Sealer(runtime.master_key)),
        [
            *([whatsapp.channel(database)] if whatsapp else []),
            *([mailbox.channel] if mailbox and mailbox.channel else []),
        ],
        database=database,
        events=events,
        alarms=alarms,
        users=users,
    )
    announcer = Announcer(ways=config.reminders.deliver, events=events, post=post, alarms=alarms)
    reminders, scheduler = _build_reminders(config, runtime, database, users, announcer)
    weather = _build_weather(config, outbound)
    calendar = build_calendar(config.caldav, outbound, users, runtime.time_zone)
    sources = Sources(
        weather=weather or NoWeather(),
        calendar=calendar or NoCalendar(),
        mail=mailbox.reader if mailbox else NoMail(),
        letters=mailbox.writer if mailbox else NoLetters(),
        reminders=reminders,
    )
    audit, approvals, catalog = _build_catalog(
        config,
        runtime,
        database,
        {
            CREATE_EVENT: EventCreator(sources.calendar, config.caldav.timeout_s),
            **(mailbox.executors if mailbox else {}),
            CREATE_REMINDER: ReminderCreator(reminders),
            AGENT_PLAN: PlanExecutor(),
            **({CHANGE: ChangeExecutor(calendar)} if calendar else {}),
        },
    )
    commands = _build_commands(config, runtime, sources, approvals=approvals, catalog=catalog)
    parsing = _build_parsing(config, runtime, engine, catalog)
    chat = _build_chat(
        config,
        runtime,
        database,
        engine,
        models,
        memory=memory,
        spoken=SpokenCommands(commands, parsing),
    )

    agents = build_agents(
        config,
        runtime,
        Uses(database, engine, commands, parsing, memory, approvals),
        users,
    )

    background: list[Background] = [
        upkeep,
        scheduler,
        ApprovalUpkeep(approvals, users, config.server.shutdown_grace_s),
        agents.conductor,
        *post.senders,
    ]
    webhook = WhatsAppWebhookResource(None, bodies, app_secret="", verify_token="")
    if whatsapp:
        answerer = whatsapp.answerer(chat, database, post)
        webhook = whatsapp.webhook(bodies, database, answerer)
        background.append(answerer)

    closing: list[Closing] = [
        parsing,
        *(source for source in (weather, calendar) if source is not None),
        mail_threads,
        outbound,
        engine,
    ]
    app = _new_app(
        [
            Lifespan(database, closing, background, [alarms.end, agents.alarms.end]),
            ClientAddress(config.server.trusted_proxies, config.security.blocked_networks),
            RateLimit(config.security.rate_limit_rpm, config.server.workers),
            BodyLimit(config.server.body_limit_bytes),
            Authenticate(keys),
        ]
    )

    _add_chat_routes(app, chat, bodies)
    _add_openai_routes(app, OpenAiService(config, engine, models), bodies)
    _add_command_routes(app, commands, parsing, catalog, bodies)
    _add_approval_routes(app, approvals, audit, bodies)
    _add_agent_routes(app, agents, bodies)
    _add_memory_routes(app, memory, bodies)
    _add_reminder_routes(app, reminders, Watchers(events, alarms), bodies)
    _add_calendar_routes(app, CalendarService(calendar, approvals, runtime.time_zone), bodies)
    integrations = _integrations(weather, calendar, mailbox, whatsapp)
    _add_integration_routes(app, webhook, integrations)
    _add_health_routes(app, config, database, engine, metrics=metrics, integrations=integrations)
    _add_system_routes(
        app,
        metrics,
        SystemStatus(config.server.environment, database, metrics, Usage(runtime.root_pid)),
        models,
    )

    guarded = CancelOnDisconnect(app, send_timeout=config.server.write_timeout_s)
    return Observe(guarded, HttpMetrics(registry), access_log=config.telemetry.access_log)


def _add_calendar_routes(
    app: falcon.asgi.App[Any, Any], changes: CalendarService, bodies: BodyReader
) -> None:
    app.add_route("/v1/calendar/events/{event_id}", CalendarEventResource(changes, bodies))


def _build_chat(
    config: Config,
    runtime: Runtime,
    database: Database,
    engine: EngineClient,
    models: ModelCatalog,
    *,
    memory: MemoryService,
    spoken: SpokenCommands,
) -> ChatService:
    store = ChatStore(database, Sealer(runtime.master_key))
    return ChatService(
        config=config,
        store=store,
        engine=engine,
        models=models,
        memory=memory,
        commands=CommandTurns(spoken, store, enabled=config.chat.commands),
        time_zone=runtime.time_zone,
    )


def _new_app(middleware: list[Any]) -> falcon.asgi.App[Any, Any]:
    app: falcon.asgi.App[Any, Any] = falcon.asgi.App(middleware=middleware)
    app.req_options.strip_url_path_trailing_slash = True
    add_error_handlers(app)
    return app


def _build_commands(
    config: Config,
    runtime: Runtime,
    sources: Sources,
    *,
    approvals: ApprovalService,
    catalog: CatalogService,
) -> CommandService:
    return CommandService(
        Readings(sources, runtime.time_zone),
        Actions(sources, catalog, approvals),
        briefing_limit_s=config.briefing.source_timeout_s,
    )


def _build_weather(config: Config, outbound: Outbound) -> OpenMeteoSource | None:
    settings = config.weather
    place: Place | str = settings.location
    if settings.latitude is not None and settings.longitude is not None:
        here = f"{settings.latitude:g}, {settings.longitude:g}"
        place = Place(settings.location or here, settings.latitude, settings.longitude)
    if not place:
        return None
    service = OpenMeteo(
        outbound.client, settings.base_url, settings.geocoding_url, settings.timeout_s
    )
    return OpenMeteoSource(service, place, settings.cache_minutes * 60.0)


def _build_catalog(
    config: Config, runtime: Runtime, database: Database, executors: Mapping[str, Executor]
) -> tuple[AuditLog, ApprovalService, CatalogService]:
    runner = RunnerClient(runtime.runner_socket, runtime.privileged_socket)
    executor = CatalogExecutor(runner, config.runner.timeout_s)
    audit = AuditLog(database, runtime.master_key)
    approvals = ApprovalService(
        database=database,
        sealer=ApprovalSealer(Sealer(runtime.master_key)),
        audit=audit,
        executors={CATALOG_COMMAND: executor, **executors},
        expires=dt.timedelta(minutes=config.approvals.expires_minutes),
    )
    catalog = CatalogService(CatalogStore(database), executor, approvals, audit)
    return audit, approvals, catalog


def _integrations(
    weather: OpenMeteoSource | None,
    calendar: CalDavCalendar | None,
    mail: MailParts | None,
    whatsapp: WhatsApp | None,
) -> list[Integration]:
    return [
        Integration("weather", "weather.location", weather.check, weather.probe)
        if weather
        else Integration("weather", "weather.location"),
        Integration("calendar", "caldav.url", calendar.health, calendar.probe)
        if calendar
        else Integration("calendar", "caldav.url"),
        Integration("email", "email.imap_host", mail.reader.health, mail.probe)
        if mail
        else Integration("email", "email.imap_host"),
        whatsapp.integration() if whatsapp else Integration("whatsapp", WHATSAPP_SETTING),
    ]


def _build_parsing(
    config: Config, runtime: Runtime, engine: EngineClient, catalog: CatalogService
) -> ParseService:
    encoder = Encoder(engine, config.engine.embedding_model)
    return ParseService(
        Parser(),
        NearestExample(encoder, load_examples()),
        Proposer(engine, config.inference.model),
        catalog,
        runtime.time_zone,
    )


def _build_memory(
    config: Config, runtime: Runtime, database: Database, engine: EngineClient, keys: KeyRing
) -> tuple[MemoryService, Upkeep]:
    sealer = TextSealer(Sealer(runtime.master_key))
    stemmer = Stemmer()
    hasher = TermHasher(runtime.master_key, stemmer)
    encoder = Encoder(engine, config.engine.embedding_model)
    cache = IndexCache(IndexStore(encoder.model), config.memory.index_bytes)
    uses = AccessCounter(database)
    decay = Decay(config.memory.half_life_days, config.memory.delete_below)
    retriever = Retriever(database, cache, encoder, hasher)
    editor = MemoryEditor(
        database=database,
        sealer=sealer,
        rows=RowMaker(sealer, encoder, hasher),
        cache=cache,
        stemmer=stemmer,
        merge_threshold=config.memory.merge_threshold,
    )
    recall = Recall(
        retriever, sealer, stemmer, config.memory.chat_limit, config.memory.chat_threshold
    )
    selection = Selection(engine, config.inference.model)
    learner = Learner(editor, selection if config.memory.learn_with_model else None)
    service = MemoryService(
        database=database,
        sealer=sealer,
        editor=editor,
        retriever=retriever,
        recall=recall,
        learner=learner,
        uses=uses,
        decay=decay,
        model=encoder.model,
    )
    upkeep = Upkeep(
        database=database,
        uses=uses,
        decay=decay,
        reembedder=Reembedder(database, sealer, encoder),
        recall=recall,
        learner=learner,
        users=keys.users(),
        flush_s=config.memory.access_flush_s,
    )
    return service, upkeep


def _add_command_routes(
    app: falcon.asgi.App[Any, Any],
    commands: CommandService,
    parsing: ParseService,
    catalog: CatalogService,
    bodies: BodyReader,
) -> None:
    app.add_route("/v1/commands", CommandsResource(commands, bodies))
    app.add_route("/v1/commands/parse", ParseResource(parsing, bodies))
    root = "/v1/commands/catalog"
    app.add_route(root, CatalogResource(catalog, bodies))
    app.add_route(f"{root}/search", CatalogSearchResource(catalog))
    app.add_route(f"{root}/count", CatalogCountResource(catalog))
    app.add_route(f"{root}/{{command_id}}", CatalogCommandResource(catalog))
    app.add_route(f"{root}/{{command_id}}/execute", CatalogExecuteResource(catalog, bodies))


def _add_approval_routes(
    app: falcon.asgi.App[Any, Any], approvals: ApprovalService, audit: AuditLog, bodies: BodyReader
) -> None:
    one = "/v1/approvals/{approval_id}"
    app.add_route("/v1/approvals", ApprovalsResource(approvals))
    app.add_route(one, ApprovalResource(approvals))
    app.add_route(f"{one}/approve", ApproveResource(approvals, bodies))
    app.add_route(f"{one}/deny", DenyResource(approvals, bodies))
    app.add_route(f"{one}/cancel", CancelResource(approvals, bodies))
    app.add_route("/v1/audit", AuditResource(audit))
    app.add_route("/v1/audit/verify", AuditVerifyResource(audit))


def _build_reminders(
    config: Config,
    runtime: Runtime,
    database: Database,
    users: Sequence[UUID],
    announcer: Announcer,
) -> tuple[ReminderService, Scheduler]:
    store = ReminderStore(Sealer(runtime.master_key), config.reminders.snooze_limit)
    scheduler = Scheduler(
        database=database,
        store=store,
        announcer=announcer,
        users=users,
        check_s=config.reminders.check_s,
    )
    service = ReminderService(
        config=config.reminders,
        database=database,
        store=store,
        announcer=announcer,
        scheduler=scheduler,
    )
    return service, scheduler


def _build_whatsapp(config: Config, runtime: Runtime, outbound: Outbound) -> WhatsApp | None:
    settings = load_settings(config.whatsapp)
    if settings is None:
        if "whatsapp" in config.reminders.deliver:
            raise StartError("reminders.deliver names whatsapp: set whatsapp.phone_number_id")
        return None
    return WhatsApp.build(config.whatsapp, settings, outbound, runtime.master_key)


def _build_mail(
    config: Config, outbound: Outbound, threads: MailThreads, users: list[UUID]
) -> MailParts | None:
    parts = build_mail(config.email, outbound, threads, users)
    if "mail" in config.reminders.deliver and not (parts and parts.channel):
        raise StartError("reminders.deliver names mail: set email.smtp_host")
    return parts


def _add_chat_routes(app: falcon.asgi.App[Any, Any], chat: ChatService, bodies: BodyReader) -> None:
    app.add_route("/v1/chat", ChatResource(chat, bodies))
    app.add_route("/v1/chat/stream", ChatStreamResource(chat, bodies))
    app.add_route("/v1/conversations", ConversationsResource(chat))
    app.add_route("/v1/conversations/{conversation_id}", ConversationResource(chat))


def _add_agent_routes(app: falcon.asgi.App[Any, Any], agents: Agents, bodies: BodyReader) -> None:
    one = "/v1/agentic/tasks/{task_id}"
    app.add_route("/v1/agentic/tasks", TasksResource(agents.service, bodies))
    app.add_route(one, TaskResource(agents.service))
    app.add_route(f"{one}/stream", TaskStreamResource(agents.service, agents.watchers))
    app.add_route(f"{one}/cancel", TaskCancelResource(agents.service, bodies))


def _add_integration_routes(
    app: falcon.asgi.App[Any, Any],
    webhook: WhatsAppWebhookResource,
    integrations: Sequence[Integration],
) -> None:
    app.add_route("/v1/webhooks/whatsapp", webhook)
    app.add_route("/v1/integrations/test", IntegrationsTestResource(Trial(integrations)))


def _add_memory_routes(
    app: falcon.asgi.App[Any, Any], memory: MemoryService, bodies: BodyReader
) -> None:
    app.add_route("/v1/memories", MemoriesResource(memory, bodies))
    app.add_route("/v1/memories/search", MemorySearchResource(memory))
    app.add_route("/v1/memories/stats", MemoryStatsResource(memory))
    app.add_route("/v1/memories/decay", MemoryDecayResource(memory))
    app.add_route("/v1/memories/export", MemoryExportResource(memory))
    app.add_route("/v1/memories/{memory_id}", MemoryResource(memory, bodies))


def _add_openai_routes(
    app: falcon.asgi.App[Any, Any], service: OpenAiService, bodies: BodyReader
) -> None:
    app.add_route("/v1/chat/completions", ChatCompletionsResource(service, bodies))
    app.add_route("/v1/embeddings", EmbeddingsResource(service, bodies))
    app.add_route("/v1/models", ModelListResource(service))
    app.add_route("/v1/models/{model_id}", ModelEntryResource(service))


def _add_reminder_routes(
    app: falcon.asgi.App[Any, Any],
    reminders: ReminderService,
    watchers: Watchers,
    bodies: BodyReader,
) -> None:
    app.add_route("/v1/events", EventsResource(watchers))
    app.add_route("/v1/reminders", RemindersResource(reminders, bodies))
    app.add_route("/v1/reminders/{reminder_id}", ReminderResource(reminders))
    app.add_route("/v1/reminders/{reminder_id}/snooze", ReminderSnoozeResource(reminders, bodies))
    app.add_route("/v1/reminders/{reminder_id}/done", ReminderDoneResource(reminders))


def _add_documentation_routes(app: falcon.asgi.App[Any, Any]) -> None:
    app.add_route("/api-docs/openapi.json", DocumentResource(render()))
    for folder in ("swagger-ui", "redoc"):
        app.add_route(f"/{folder}", PageResource(folder))
        app.add_route(f"/{folder}/{{name}}", AssetResource(folder))


def _add_system_routes(
    app: falcon.asgi.App[Any, Any],
    metrics: MetricsService,
    status: SystemStatus,
    models: ModelCatalog,
) -> None:
    _add_documentation_routes(app)
    app.add_route("/metrics", MetricsResource(metrics))
    app.add_route("/metrics/prometheus", PrometheusResource(metrics))
    app.add_route("/v1/system/status", StatusResource(status))
    app.add_route("/v1/system/models", ModelsResource(models))


def _add_health_routes(
    app: falcon.asgi.App[Any, Any],
    config: Config,
    database: Database,
    engine: EngineClient,
    *,
    metrics: MetricsService,
    integrations: Sequence[Integration],
) -> None:
    async def inference() -> None:
        await engine.health()

    async def storage() -> None:
        await database.ping()

    checks: dict[str, Check | None] = {
        "inference": inference,
        "database": storage,
        "cache": None,
        **{each.name: each.check for each in integrations},
    }
    app.add_route("/health", HealthResource())
    app.add_route("/ready", ReadyResource(inference, config.inference.model))
    app.add_route("/ready/all", ReadyAllResource(checks, metrics))
