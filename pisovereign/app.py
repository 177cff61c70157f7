"""The composition root: what the API is made of, wired once and in plain sight."""

from __future__ import annotations

from typing import Any

import falcon.asgi

from pisovereign.agents.build import Uses, build_agents
from pisovereign.agents.effects import (
    AGENT_PLAN,
    CREATE_REMINDER,
    Effects,
    PlanExecutor,
    ReminderCreator,
)
from pisovereign.approvals.upkeep import ApprovalUpkeep
from pisovereign.assembly.commands import (
    build_catalog,
    build_chat,
    build_commands,
    build_parsing,
    build_reminders,
)
from pisovereign.assembly.foundation import Foundation
from pisovereign.assembly.lifespan import Background, Closing, Lifespan
from pisovereign.assembly.memory import build_memory
from pisovereign.assembly.outside import Outside
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
from pisovereign.commands.spoken import SpokenCommands
from pisovereign.config import Config
from pisovereign.events.stream import Watchers
from pisovereign.http.asgi import AsgiApp
from pisovereign.http.auth import Authenticate
from pisovereign.http.body import BodyLimit
from pisovereign.http.client_address import ClientAddress
from pisovereign.http.disconnect import CancelOnDisconnect
from pisovereign.http.errors import add_error_handlers
from pisovereign.http.local_names import LocalNames
from pisovereign.http.observe import Observe
from pisovereign.http.rate_limit import RateLimit
from pisovereign.integrations.calendar.service import CalendarService
from pisovereign.keys import KeyRing
from pisovereign.mcp.gateway import Gateway
from pisovereign.mcp.tools import McpTools
from pisovereign.openai.service import OpenAiService
from pisovereign.reminders.announcer import Announcer
from pisovereign.runtime import Runtime
from pisovereign.system.status import SystemStatus
from pisovereign.system.usage import Usage
from pisovereign.webhooks.whatsapp.resources import WhatsAppWebhookResource


def create_app(config: Config, runtime: Runtime) -> AsgiApp:
    """Build the API.

    Args:
        config: The checked configuration.
        runtime: Where this process finds the database, the engine and its keys.
    """
    base = Foundation(config, runtime)
    database, engine, bodies = base.database, base.engine, base.bodies
    memory, upkeep = build_memory(
        config,
        runtime,
        database,
        engine,
        keys=base.keys,
        kept=base.kept,
        meter=base.meters.retrieval,
    )
    outside = Outside(config, runtime, base)
    users, post = outside.users, outside.post()
    announcer = Announcer(
        ways=config.reminders.deliver, events=base.news.log, post=post, alarms=base.news.alarms
    )
    reminders, scheduler = build_reminders(config, runtime, database, users, announcer)
    sources = outside.sources(reminders)
    audit, approvals, catalog = build_catalog(
        config,
        runtime,
        database,
        base.news.log,
        {
            **outside.executors(sources),
            CREATE_REMINDER: ReminderCreator(reminders),
            AGENT_PLAN: PlanExecutor(),
        },
        meters=base.meters,
    )
    commands = build_commands(
        config, runtime, sources, approvals=approvals, catalog=catalog, meter=base.meters.commands
    )
    parsing = build_parsing(config, runtime, engine, catalog, base.kept)
    chat = build_chat(
        config,
        runtime,
        database,
        base.answers,
        base.models,
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
            base.news,
            post,
        ),
        users,
    )
    mcp = Gateway(McpTools(commands, memory, Effects(commands, runtime.time_zone), approvals))
    background: list[Background] = [
        base.news.notices,
        upkeep,
        scheduler,
        ApprovalUpkeep(approvals, users, config.server.shutdown_grace_s),
        agents.conductor,
        agents.timer,
        agents.upkeep,
        *post.senders,
    ]
    webhook = WhatsAppWebhookResource(None, bodies, app_secret="", verify_token="")
    if outside.whatsapp:
        answerer = outside.whatsapp.answerer(chat, database, post, approvals)
        webhook = outside.whatsapp.webhook(bodies, database, answerer)
        background.append(answerer)
    closing: list[Closing] = [mcp, parsing, *outside.closing(), base.outbound, engine]

    app = _new_app(config, base.keys, Lifespan(database, closing, background, [base.news.end]))
    add_chat_routes(app, chat, bodies)
    add_openai_routes(app, OpenAiService(config, engine, base.answers, base.models), bodies)
    add_mcp_route(app, mcp, LocalNames(config.server.names), bodies)
    add_command_routes(app, commands, parsing, catalog, bodies)
    add_approval_routes(app, approvals, audit, bodies)
    add_agent_routes(app, agents, bodies)
    add_memory_routes(app, memory, bodies)
    add_reminder_routes(app, reminders, Watchers(base.news.log, base.news.alarms), bodies)
    changes = CalendarService(outside.calendar, approvals, runtime.time_zone)
    add_calendar_routes(app, changes, bodies)
    integrations = outside.integrations()
    add_integration_routes(app, webhook, integrations)
    add_health_routes(
        app, config, database, engine, metrics=base.metrics, integrations=integrations
    )
    usage = Usage(runtime.root_pid, runtime.service_groups)
    status = SystemStatus(config.server.environment, database, base.metrics, usage)
    add_system_routes(app, base.metrics, status, base.models)

    guarded = CancelOnDisconnect(app, send_timeout=config.server.write_timeout_s)
    return Observe(guarded, base.meters.http, access_log=config.telemetry.access_log)


def _new_app(config: Config, keys: KeyRing, lifespan: Lifespan) -> falcon.asgi.App[Any, Any]:
    """The app without routes; what each request passes stands here in its order."""
    app: falcon.asgi.App[Any, Any] = falcon.asgi.App(
        middleware=[
            lifespan,
            ClientAddress(config.server.trusted_proxies, config.security.blocked_networks),
            RateLimit(config.security.rate_limit_rpm, config.server.workers),
            BodyLimit(config.server.body_limit_bytes),
            Authenticate(keys),
        ]
    )
    app.req_options.strip_url_path_trailing_slash = True
    add_error_handlers(app)
    return app
