"""Every table of routes that the API serves and describes, in the order of the reference."""

from __future__ import annotations

from functools import partial

from pisovereign.actions.calendar_routes import CalendarRoutes
from pisovereign.actions.registry import COMMANDS
from pisovereign.actions.routes import CatalogExecutionRoutes, CommandAnswer, CommandRoutes
from pisovereign.agents.routes import TaskRoutes
from pisovereign.approvals.routes import ApprovalRoutes
from pisovereign.asgi.routes import Routes
from pisovereign.audit.routes import AuditRoutes
from pisovereign.catalog.routes import CatalogRoutes
from pisovereign.chat.message_commands import SpokenCommand
from pisovereign.chat.routes import ChatRoutes
from pisovereign.events.routes import EventRoutes
from pisovereign.integrations.routes import IntegrationRoutes
from pisovereign.mcp.routes import McpRoutes
from pisovereign.memory.routes import MemoryRoutes
from pisovereign.metrics.routes import MetricsRoutes
from pisovereign.openai.routes import OpenAiRoutes
from pisovereign.openapi.document import render
from pisovereign.openapi.routes import DocumentationRoutes
from pisovereign.parsing.routes import ParseRoutes
from pisovereign.reminders.routes import ReminderRoutes
from pisovereign.system.routes import HealthRoutes, SystemRoutes
from pisovereign.webhooks.whatsapp.routes import WhatsAppRoutes

TABLES: tuple[type[Routes], ...] = (
    HealthRoutes,
    MetricsRoutes,
    SystemRoutes,
    IntegrationRoutes,
    ChatRoutes,
    CommandRoutes,
    ParseRoutes,
    CatalogRoutes,
    CatalogExecutionRoutes,
    ApprovalRoutes,
    AuditRoutes,
    MemoryRoutes,
    CalendarRoutes,
    ReminderRoutes,
    EventRoutes,
    TaskRoutes,
    OpenAiRoutes,
    McpRoutes,
    WhatsAppRoutes,
    DocumentationRoutes,
)

_RESULTS = tuple(spec.result for spec in COMMANDS if spec.result is not None)
render_document = partial(render, TABLES, dict.fromkeys((CommandAnswer, SpokenCommand), _RESULTS))
