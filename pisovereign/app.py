"""The composition root: what the API is made of, wired once and in plain sight."""

from __future__ import annotations

from typing import Any

import falcon.asgi

from pisovereign.actions.calendar_routes import CalendarRoutes
from pisovereign.actions.routes import CatalogExecutionRoutes, CommandRoutes
from pisovereign.agents.routes import TaskRoutes
from pisovereign.api_keys import KeyRing
from pisovereign.approvals.routes import ApprovalRoutes
from pisovereign.asgi.body import BodyLimit
from pisovereign.asgi.disconnect import CancelOnDisconnect
from pisovereign.asgi.errors import add_error_handlers
from pisovereign.asgi.routes import Routes, add_routes, public_paths
from pisovereign.asgi.types import AsgiApp
from pisovereign.assembly.foundation import Foundation
from pisovereign.assembly.lifespan import Background, Closing, Lifespan
from pisovereign.assembly.outside import Outside
from pisovereign.assembly.routes import TABLES, render_document
from pisovereign.assembly.services import Services
from pisovereign.audit.routes import AuditRoutes
from pisovereign.catalog.routes import CatalogRoutes
from pisovereign.chat.routes import ChatRoutes
from pisovereign.config import Config
from pisovereign.events.routes import EventRoutes
from pisovereign.events.stream import EventStreams
from pisovereign.health import Check, ServiceHealth
from pisovereign.http.allowed_hosts import AllowedHosts
from pisovereign.http.auth import Authenticate
from pisovereign.http.client_address import ClientAddress
from pisovereign.http.observe import Observe
from pisovereign.http.rate_limit import RateLimit
from pisovereign.integrations.diagnostics import Diagnostics
from pisovereign.integrations.routes import IntegrationRoutes
from pisovereign.mcp.routes import McpRoutes
from pisovereign.memory.routes import MemoryRoutes
from pisovereign.metrics.routes import MetricsRoutes
from pisovereign.openai.routes import OpenAiRoutes
from pisovereign.openai.service import OpenAiService
from pisovereign.openapi.routes import DocumentationRoutes
from pisovereign.parsing.routes import ParseRoutes
from pisovereign.reminders.routes import ReminderRoutes
from pisovereign.runtime import Runtime
from pisovereign.system.routes import HealthRoutes, SystemRoutes
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
    lifespan = Lifespan(base.database, closing, background, [base.events.log.wakeups.end])
    app = _new_app(config, base.keys, lifespan)
    served = [webhook, *_build_routes(config, runtime, base, outside, services)]
    add_routes(app, TABLES, served, base.bodies)
    guarded = CancelOnDisconnect(app, send_timeout=config.server.write_timeout_s)
    return Observe(guarded, base.meters.http, access_log=config.telemetry.access_log)


def _build_routes(
    config: Config, runtime: Runtime, base: Foundation, outside: Outside, services: Services
) -> list[Routes]:
    """Return what serves each table but that of the webhook."""
    usage = Usage(runtime.root_pid, runtime.service_groups)
    status = SystemStatus(config.server.environment, base.database, base.metrics, usage)
    integrations = outside.integrations()

    async def check_engine() -> None:
        await base.engine.health()

    checks: dict[str, Check | ServiceHealth | None] = {
        "inference": check_engine,
        "database": base.database.ping,
        "cache": ServiceHealth(healthy=True),  # it is in this process
        **{integration.name: integration.check for integration in integrations},
    }
    return [
        HealthRoutes(check_engine, config.inference.model, checks, base.metrics),
        MetricsRoutes(base.metrics),
        SystemRoutes(status, base.models),
        IntegrationRoutes(Diagnostics(integrations)),
        ChatRoutes(services.chat),
        CommandRoutes(services.actions),
        ParseRoutes(services.parsing),
        CatalogRoutes(services.catalog),
        CatalogExecutionRoutes(services.actions, services.catalog),
        ApprovalRoutes(services.approvals),
        AuditRoutes(services.audit),
        MemoryRoutes(services.memory),
        CalendarRoutes(services.actions),
        ReminderRoutes(services.reminders),
        EventRoutes(EventStreams(base.events.log)),
        TaskRoutes(services.agents.service, services.agents.streams),
        OpenAiRoutes(OpenAiService(config, base.engine, base.answers, base.models)),
        McpRoutes(services.mcp, AllowedHosts(config.server.names), base.bodies),
        DocumentationRoutes(render_document),
    ]


def _new_app(config: Config, keys: KeyRing, lifespan: Lifespan) -> falcon.asgi.App[Any, Any]:
    """The app without routes; what each request passes stands here in its order."""
    app: falcon.asgi.App[Any, Any] = falcon.asgi.App(
        middleware=[
            lifespan,
            ClientAddress(config.server.trusted_proxies, config.security.blocked_networks),
            RateLimit(config.security.rate_limit_rpm, config.server.workers),
            BodyLimit(config.server.body_limit_bytes),
            Authenticate(keys, public_paths(TABLES)),
        ]
    )
    app.req_options.strip_url_path_trailing_slash = True
    add_error_handlers(app)
    return app
