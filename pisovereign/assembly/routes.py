"""Which resource answers which path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import falcon.asgi

from pisovereign.actions.resources import CommandsResource
from pisovereign.actions.service import CommandService
from pisovereign.agents.build import Agents
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
from pisovereign.approvals.service import ApprovalService
from pisovereign.asgi.body import BodyReader
from pisovereign.audit.log import AuditLog
from pisovereign.audit.resources import AuditResource, AuditVerifyResource
from pisovereign.calendar.resources import CalendarEventResource
from pisovereign.calendar.service import CalendarService
from pisovereign.catalog.resources import (
    CatalogCommandResource,
    CatalogCountResource,
    CatalogExecuteResource,
    CatalogResource,
    CatalogSearchResource,
)
from pisovereign.catalog.service import CatalogService
from pisovereign.chat.resources import (
    ChatResource,
    ChatStreamResource,
    ConversationResource,
    ConversationsResource,
)
from pisovereign.chat.service import ChatService
from pisovereign.config import Config
from pisovereign.engine_client.client import EngineClient
from pisovereign.events.resources import EventsResource
from pisovereign.events.stream import EventStreams
from pisovereign.health import Check, ServiceHealth
from pisovereign.http.allowed_hosts import LocalNames
from pisovereign.http.static_files import WebFileResource, WebPageResource
from pisovereign.integrations.diagnostics import Diagnostics, Integration
from pisovereign.integrations.resources import IntegrationsTestResource
from pisovereign.mcp.gateway import Gateway
from pisovereign.mcp.resources import McpResource
from pisovereign.memory.resources import (
    MemoriesResource,
    MemoryDecayResource,
    MemoryExportResource,
    MemoryResource,
    MemorySearchResource,
    MemoryStatsResource,
)
from pisovereign.memory.service import MemoryService
from pisovereign.metrics.resources import MetricsResource, PrometheusResource
from pisovereign.metrics.service import MetricsService
from pisovereign.openai.resources import (
    ChatCompletionsResource,
    EmbeddingsResource,
    ModelEntryResource,
    ModelListResource,
)
from pisovereign.openai.service import OpenAiService
from pisovereign.openapi.document import render
from pisovereign.openapi.resources import AssetResource, DocumentResource, PageResource
from pisovereign.parsing.resources import ParseResource
from pisovereign.parsing.service import ParseService
from pisovereign.reminders.resources import (
    ReminderDoneResource,
    ReminderResource,
    ReminderSnoozeResource,
    RemindersResource,
)
from pisovereign.reminders.service import ReminderService
from pisovereign.storage.pool import Database
from pisovereign.system.catalog import ModelCatalog
from pisovereign.system.models import ModelsResource
from pisovereign.system.resources import HealthResource, ReadyAllResource, ReadyResource
from pisovereign.system.status import StatusResource, SystemStatus
from pisovereign.webhooks.whatsapp.resources import WhatsAppWebhookResource


def add_calendar_routes(
    app: falcon.asgi.App[Any, Any], changes: CalendarService, bodies: BodyReader
) -> None:
    """Changes of events."""
    app.add_route("/v1/calendar/events/{event_id}", CalendarEventResource(changes, bodies))


def add_command_routes(
    app: falcon.asgi.App[Any, Any],
    commands: CommandService,
    parsing: ParseService,
    catalog: CatalogService,
    bodies: BodyReader,
) -> None:
    """Commands and their catalog."""
    app.add_route("/v1/commands", CommandsResource(commands, bodies))
    app.add_route("/v1/commands/parse", ParseResource(parsing, bodies))
    root = "/v1/commands/catalog"
    app.add_route(root, CatalogResource(catalog, bodies))
    app.add_route(f"{root}/search", CatalogSearchResource(catalog))
    app.add_route(f"{root}/count", CatalogCountResource(catalog))
    app.add_route(f"{root}/{{command_id}}", CatalogCommandResource(catalog))
    app.add_route(f"{root}/{{command_id}}/execute", CatalogExecuteResource(catalog, bodies))


def add_approval_routes(
    app: falcon.asgi.App[Any, Any], approvals: ApprovalService, audit: AuditLog, bodies: BodyReader
) -> None:
    """Approvals and the audit."""
    one = "/v1/approvals/{approval_id}"
    app.add_route("/v1/approvals", ApprovalsResource(approvals))
    app.add_route(one, ApprovalResource(approvals))
    app.add_route(f"{one}/approve", ApproveResource(approvals, bodies))
    app.add_route(f"{one}/deny", DenyResource(approvals, bodies))
    app.add_route(f"{one}/cancel", CancelResource(approvals, bodies))
    app.add_route("/v1/audit", AuditResource(audit))
    app.add_route("/v1/audit/verify", AuditVerifyResource(audit))


def add_chat_routes(app: falcon.asgi.App[Any, Any], chat: ChatService, bodies: BodyReader) -> None:
    """Chat and conversations."""
    app.add_route("/v1/chat", ChatResource(chat, bodies))
    app.add_route("/v1/chat/stream", ChatStreamResource(chat, bodies))
    app.add_route("/v1/conversations", ConversationsResource(chat))
    app.add_route("/v1/conversations/{conversation_id}", ConversationResource(chat))


def add_agent_routes(app: falcon.asgi.App[Any, Any], agents: Agents, bodies: BodyReader) -> None:
    """Agentic tasks."""
    one = "/v1/agentic/tasks/{task_id}"
    app.add_route("/v1/agentic/tasks", TasksResource(agents.service, bodies))
    app.add_route(one, TaskResource(agents.service))
    app.add_route(f"{one}/stream", TaskStreamResource(agents.service, agents.streams))
    app.add_route(f"{one}/cancel", TaskCancelResource(agents.service, bodies))


def add_integration_routes(
    app: falcon.asgi.App[Any, Any],
    webhook: WhatsAppWebhookResource,
    integrations: Sequence[Integration],
) -> None:
    """The webhook, and the test of the services outside."""
    app.add_route("/v1/webhooks/whatsapp", webhook)
    app.add_route("/v1/integrations/test", IntegrationsTestResource(Diagnostics(integrations)))


def add_memory_routes(
    app: falcon.asgi.App[Any, Any], memory: MemoryService, bodies: BodyReader
) -> None:
    """Memories."""
    app.add_route("/v1/memories", MemoriesResource(memory, bodies))
    app.add_route("/v1/memories/search", MemorySearchResource(memory))
    app.add_route("/v1/memories/stats", MemoryStatsResource(memory))
    app.add_route("/v1/memories/decay", MemoryDecayResource(memory))
    app.add_route("/v1/memories/export", MemoryExportResource(memory))
    app.add_route("/v1/memories/{memory_id}", MemoryResource(memory, bodies))


def add_mcp_route(
    app: falcon.asgi.App[Any, Any], gateway: Gateway, names: LocalNames, bodies: BodyReader
) -> None:
    """The Model Context Protocol."""
    app.add_route("/mcp", McpResource(gateway, names, bodies))


def add_openai_routes(
    app: falcon.asgi.App[Any, Any], service: OpenAiService, bodies: BodyReader
) -> None:
    """OpenAI's dialect."""
    app.add_route("/v1/chat/completions", ChatCompletionsResource(service, bodies))
    app.add_route("/v1/embeddings", EmbeddingsResource(service, bodies))
    app.add_route("/v1/models", ModelListResource(service))
    app.add_route("/v1/models/{model_id}", ModelEntryResource(service))


def add_reminder_routes(
    app: falcon.asgi.App[Any, Any],
    reminders: ReminderService,
    streams: EventStreams,
    bodies: BodyReader,
) -> None:
    """Reminders and events."""
    app.add_route("/v1/events", EventsResource(streams))
    app.add_route("/v1/reminders", RemindersResource(reminders, bodies))
    app.add_route("/v1/reminders/{reminder_id}", ReminderResource(reminders))
    app.add_route("/v1/reminders/{reminder_id}/snooze", ReminderSnoozeResource(reminders, bodies))
    app.add_route("/v1/reminders/{reminder_id}/done", ReminderDoneResource(reminders))


def add_web_routes(app: falcon.asgi.App[Any, Any]) -> None:
    """The page for people."""
    app.add_route("/", WebPageResource("chat.html"))
    app.add_route("/web/{name}", WebFileResource(("chat.js", "style.css")))


def add_documentation_routes(app: falcon.asgi.App[Any, Any]) -> None:
    """The description of the API, and its pages."""
    app.add_route("/api-docs/openapi.json", DocumentResource(render))
    for folder in ("swagger-ui", "redoc"):
        app.add_route(f"/{folder}", PageResource(folder))
        app.add_route(f"/{folder}/{{name}}", AssetResource(folder))


def add_system_routes(
    app: falcon.asgi.App[Any, Any],
    metrics: MetricsService,
    status: SystemStatus,
    models: ModelCatalog,
) -> None:
    """Metrics and the state of the system."""
    add_documentation_routes(app)
    add_web_routes(app)
    app.add_route("/metrics", MetricsResource(metrics))
    app.add_route("/metrics/prometheus", PrometheusResource(metrics))
    app.add_route("/v1/system/status", StatusResource(status))
    app.add_route("/v1/system/models", ModelsResource(models))


def add_health_routes(
    app: falcon.asgi.App[Any, Any],
    config: Config,
    database: Database,
    engine: EngineClient,
    *,
    metrics: MetricsService,
    integrations: Sequence[Integration],
) -> None:
    """Probes."""

    async def inference() -> None:
        await engine.health()

    async def storage() -> None:
        await database.ping()

    checks: dict[str, Check | ServiceHealth | None] = {
        "inference": inference,
        "database": storage,
        "cache": ServiceHealth(healthy=True),  # it is in this process
        **{each.name: each.check for each in integrations},
    }
    app.add_route("/health", HealthResource())
    app.add_route("/ready", ReadyResource(inference, config.inference.model))
    app.add_route("/ready/all", ReadyAllResource(checks, metrics))
