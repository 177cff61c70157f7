"""The composition root: what the API is made of, wired once and in plain sight."""

from __future__ import annotations

from typing import Any

import falcon.asgi

from pisovereign.api_keys import KeyRing
from pisovereign.asgi.body import BodyLimit
from pisovereign.asgi.disconnect import CancelOnDisconnect
from pisovereign.asgi.errors import add_error_handlers
from pisovereign.asgi.types import AsgiApp
from pisovereign.assembly.foundation import Foundation
from pisovereign.assembly.lifespan import Background, Closing, Lifespan
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
from pisovereign.assembly.services import Services
from pisovereign.calendar.service import CalendarService
from pisovereign.config import Config
from pisovereign.events.stream import EventStreams
from pisovereign.http.allowed_hosts import LocalNames
from pisovereign.http.auth import Authenticate
from pisovereign.http.client_address import ClientAddress
from pisovereign.http.observe import Observe
from pisovereign.http.rate_limit import RateLimit
from pisovereign.openai.service import OpenAiService
from pisovereign.runtime import Runtime
from pisovereign.system.status import SystemStatus
from pisovereign.system.usage import Usage


def create_app(config: Config, runtime: Runtime) -> AsgiApp:
    """Build the API.

    Args:
        config: The checked configuration.
        runtime: Where this process finds the database, the engine and its keys.
    """
    base = Foundation(config, runtime)
    outside = Outside(config, runtime, base)
    services = Services(config, runtime, base, outside)
    webhook, answering = outside.webhook(services.chat, services.notifications, services.approvals)
    background: list[Background] = [base.events.listener, *services.background(), *answering]
    closing: list[Closing] = [
        services.mcp,
        services.parsing,
        *outside.closing(),
        base.outbound,
        base.engine,
    ]
    lifespan = Lifespan(base.database, closing, background, [base.events.end])
    app = _new_app(config, base.keys, lifespan)
    _add_service_routes(app, config, base, services)
    integrations = outside.integrations()
    changes = CalendarService(outside.calendar, services.approvals, runtime.time_zone)
    add_calendar_routes(app, changes, base.bodies)
    add_integration_routes(app, webhook, integrations)
    add_health_routes(
        app, config, base.database, base.engine, metrics=base.metrics, integrations=integrations
    )
    usage = Usage(runtime.root_pid, runtime.service_groups)
    status = SystemStatus(config.server.environment, base.database, base.metrics, usage)
    add_system_routes(app, base.metrics, status, base.models)

    guarded = CancelOnDisconnect(app, send_timeout=config.server.write_timeout_s)
    return Observe(guarded, base.meters.http, access_log=config.telemetry.access_log)


def _add_service_routes(
    app: falcon.asgi.App[Any, Any], config: Config, base: Foundation, services: Services
) -> None:
    bodies = base.bodies
    openai = OpenAiService(config, base.engine, base.answers, base.models)
    streams = EventStreams(base.events.log, base.events.wakeups)
    add_chat_routes(app, services.chat, bodies)
    add_openai_routes(app, openai, bodies)
    add_mcp_route(app, services.mcp, LocalNames(config.server.names), bodies)
    add_command_routes(app, services.commands, services.parsing, services.catalog, bodies)
    add_approval_routes(app, services.approvals, services.audit, bodies)
    add_agent_routes(app, services.agents, bodies)
    add_memory_routes(app, services.memory, bodies)
    add_reminder_routes(app, services.reminders, streams, bodies)


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
