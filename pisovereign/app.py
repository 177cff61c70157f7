"""The composition root: what the API is made of, wired once and in plain sight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import falcon.asgi
from prometheus_client import CollectorRegistry

from pisovereign.agents.build import Uses, build_agents
from pisovereign.agents.effects import (
    AGENT_PLAN,
    CREATE_REMINDER,
    Effects,
    PlanExecutor,
    ReminderCreator,
)
from pisovereign.approvals.upkeep import ApprovalUpkeep
from pisovereign.commands.event_creator import CREATE_EVENT, EventCreator
from pisovereign.commands.sources import NoCalendar, NoLetters, NoMail, NoWeather, Sources
from pisovereign.commands.spoken import SpokenCommands
from pisovereign.config import Config
from pisovereign.engine.client import EngineClient
from pisovereign.events.build import build_news
from pisovereign.events.stream import Watchers
from pisovereign.http.asgi import AsgiApp
from pisovereign.http.auth import Authenticate
from pisovereign.http.body import BodyLimit, BodyReader
from pisovereign.http.client_address import ClientAddress
from pisovereign.http.disconnect import CancelOnDisconnect
from pisovereign.http.errors import add_error_handlers
from pisovereign.http.local_names import LocalNames
from pisovereign.http.observe import Observe
from pisovereign.http.rate_limit import RateLimit
from pisovereign.integrations.calendar.build import build_calendar
from pisovereign.integrations.calendar.executor import CHANGE, ChangeExecutor
from pisovereign.integrations.calendar.service import CalendarService
from pisovereign.integrations.mail.wire import MailThreads
from pisovereign.keys import KeyRing
from pisovereign.mcp.gateway import Gateway
from pisovereign.mcp.tools import McpTools
from pisovereign.metrics.http import HttpMetrics
from pisovereign.metrics.inference import InferenceMetrics
from pisovereign.metrics.service import MetricsService
from pisovereign.models.manifest import load_manifest
from pisovereign.openai.service import OpenAiService
from pisovereign.outbound.outbound import Outbound
from pisovereign.outbox.post import Post
from pisovereign.outbox.store import OutboxStore
from pisovereign.reminders.announcer import Announcer
from pisovereign.runtime import Runtime
from pisovereign.storage.pool import Database
from pisovereign.storage.sealing import Sealer
from pisovereign.system.catalog import ModelCatalog
from pisovereign.system.status import SystemStatus
from pisovereign.system.usage import Usage
from pisovereign.webhooks.whatsapp.resources import WhatsAppWebhookResource

if TYPE_CHECKING:
    pass
from pisovereign.assembly.commands import (
    build_catalog,
    build_chat,
    build_commands,
    build_parsing,
    build_reminders,
)
from pisovereign.assembly.integrations import (
    build_weather,
    build_whatsapp,
    connect_mail,
    list_integrations,
)
from pisovereign.assembly.lifespan import Background, Closing, Lifespan
from pisovereign.assembly.memory import build_memory
from pisovereign.assembly.routes import (
    add_agent_routes,
    add_approval_routes,
    add_calendar_routes,
    add_chat_routes,
    add_command_routes,
    add_health_routes,
    add_integration_routes,
    add_mcp_route,
    add_memory_routes,
    add_openai_routes,
    add_reminder_routes,
    add_system_routes,
)


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
    memory, upkeep = build_memory(config, runtime, database, engine, keys)
    metrics = MetricsService(registry, engine, runtime.started_at)
    bodies = BodyReader(config.server.body_limit_bytes, config.server.body_timeout_s)
    news = build_news(config, database, Sealer(runtime.master_key))
    events, alarms = news.log, news.alarms
    whatsapp = build_whatsapp(config, runtime, outbound)
    users = list(dict.fromkeys(keys.users() + (whatsapp.people.users() if whatsapp else [])))
    mail_threads = MailThreads()
    mailbox = connect_mail(config, outbound, mail_threads, users)
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
    reminders, scheduler = build_reminders(config, runtime, database, users, announcer)
    weather = build_weather(config, outbound)
    calendar = build_calendar(config.caldav, outbound, users, runtime.time_zone)
    sources = Sources(
        weather=weather or NoWeather(),
        calendar=calendar or NoCalendar(),
        mail=mailbox.reader if mailbox else NoMail(),
        letters=mailbox.writer if mailbox else NoLetters(),
        reminders=reminders,
    )
    audit, approvals, catalog = build_catalog(
        config,
        runtime,
        database,
        events,
        {
            CREATE_EVENT: EventCreator(sources.calendar, config.caldav.timeout_s),
            **(mailbox.executors if mailbox else {}),
            CREATE_REMINDER: ReminderCreator(reminders),
            AGENT_PLAN: PlanExecutor(),
            **({CHANGE: ChangeExecutor(calendar)} if calendar else {}),
        },
    )
    commands = build_commands(config, runtime, sources, approvals=approvals, catalog=catalog)
    parsing = build_parsing(config, runtime, engine, catalog)
    chat = build_chat(
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
        Uses(
            database,
            engine,
            commands,
            parsing,
            memory,
            approvals,
            news,
            post,
        ),
        users,
    )

    mcp = Gateway(McpTools(commands, memory, Effects(commands, runtime.time_zone), approvals))

    background: list[Background] = [
        news.notices,
        upkeep,
        scheduler,
        ApprovalUpkeep(approvals, users, config.server.shutdown_grace_s),
        agents.conductor,
        agents.timer,
        agents.upkeep,
        *post.senders,
    ]
    webhook = WhatsAppWebhookResource(None, bodies, app_secret="", verify_token="")
    if whatsapp:
        answerer = whatsapp.answerer(chat, database, post, approvals)
        webhook = whatsapp.webhook(bodies, database, answerer)
        background.append(answerer)

    closing: list[Closing] = [
        mcp,
        parsing,
        *(source for source in (weather, calendar) if source is not None),
        mail_threads,
        outbound,
        engine,
    ]
    app = _new_app(
        [
            Lifespan(database, closing, background, [news.end]),
            ClientAddress(config.server.trusted_proxies, config.security.blocked_networks),
            RateLimit(config.security.rate_limit_rpm, config.server.workers),
            BodyLimit(config.server.body_limit_bytes),
            Authenticate(keys),
        ]
    )

    add_chat_routes(app, chat, bodies)
    add_openai_routes(app, OpenAiService(config, engine, models), bodies)
    add_mcp_route(app, mcp, LocalNames(config.server.names), bodies)
    add_command_routes(app, commands, parsing, catalog, bodies)
    add_approval_routes(app, approvals, audit, bodies)
    add_agent_routes(app, agents, bodies)
    add_memory_routes(app, memory, bodies)
    add_reminder_routes(app, reminders, Watchers(events, alarms), bodies)
    add_calendar_routes(app, CalendarService(calendar, approvals, runtime.time_zone), bodies)
    integrations = list_integrations(weather, calendar, mailbox, whatsapp)
    add_integration_routes(app, webhook, integrations)
    add_health_routes(app, config, database, engine, metrics=metrics, integrations=integrations)
    add_system_routes(
        app,
        metrics,
        SystemStatus(
            config.server.environment,
            database,
            metrics,
            Usage(runtime.root_pid, runtime.service_groups),
        ),
        models,
    )

    guarded = CancelOnDisconnect(app, send_timeout=config.server.write_timeout_s)
    return Observe(guarded, HttpMetrics(registry), access_log=config.telemetry.access_log)


def _new_app(middleware: list[Any]) -> falcon.asgi.App[Any, Any]:
    app: falcon.asgi.App[Any, Any] = falcon.asgi.App(middleware=middleware)
    app.req_options.strip_url_path_trailing_slash = True
    add_error_handlers(app)
    return app
