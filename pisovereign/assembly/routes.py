"""Every table of routes that the API serves and describes, in the order of the reference."""

from __future__ import annotations

from functools import partial

from pisovereign.accounts.export_routes import ExportRoutes
from pisovereign.accounts.key_routes import KeyRoutes
from pisovereign.accounts.people_routes import PeopleRoutes
from pisovereign.accounts.people_store import PeopleStore
from pisovereign.accounts.sign_in_routes import SignInRoutes
from pisovereign.accounts.supervision import Supervision
from pisovereign.actions.calendar_routes import CalendarRoutes
from pisovereign.actions.contact_routes import ContactRoutes
from pisovereign.actions.contact_search import ContactSearch
from pisovereign.actions.mail_routes import MailRoutes
from pisovereign.actions.registry import COMMANDS
from pisovereign.actions.routes import (
    CatalogExecutionRoutes,
    CommandAnswer,
    CommandRoutes,
)
from pisovereign.actions.task_routes import CalendarTaskRoutes
from pisovereign.agents.routes import TaskRoutes
from pisovereign.agents.schedules.routes import ScheduleRoutes
from pisovereign.approvals.routes import ApprovalRoutes
from pisovereign.approvals.supervised import SupervisedApprovals
from pisovereign.approvals.supervised_routes import SupervisedApprovalRoutes
from pisovereign.asgi.routes import Routes
from pisovereign.assembly.accounts import Accounts
from pisovereign.assembly.connections import build_connections
from pisovereign.assembly.export import build_export
from pisovereign.assembly.infrastructure import Infrastructure
from pisovereign.assembly.integrations import Integrations
from pisovereign.assembly.services import Services
from pisovereign.audit.routes import AuditRoutes
from pisovereign.backup.place_routes import BackupPlaceRoutes
from pisovereign.backup.routes import BackupRoutes
from pisovereign.catalog.routes import CatalogRoutes
from pisovereign.channels.link_routes import LinkRoutes
from pisovereign.channels.service import ChannelWork
from pisovereign.chat.conversation_routes import ConversationRoutes
from pisovereign.chat.routes import ChatRoutes
from pisovereign.chat.types import SpokenCommand
from pisovereign.config.loading import data_dir
from pisovereign.connections.diagnostics_routes import IntegrationRoutes
from pisovereign.connections.routes import ConnectionRoutes, PreferenceRoutes
from pisovereign.connectors.diagnostics import Diagnostics
from pisovereign.dialects.ollama.installed import Installed
from pisovereign.dialects.ollama.pulling import Pulling
from pisovereign.dialects.ollama.routes import OllamaRoutes
from pisovereign.dialects.ollama.service import OllamaService
from pisovereign.dialects.openai.response_routes import ResponseRoutes
from pisovereign.dialects.openai.response_service import ResponseService
from pisovereign.dialects.openai.routes import OpenAiRoutes
from pisovereign.dialects.openai.service import OpenAiService
from pisovereign.documents.routes import DocumentRoutes
from pisovereign.documents.uploads import UploadReader
from pisovereign.events.routes import EventRoutes
from pisovereign.events.stream import EventStreams
from pisovereign.health import Check, ServiceHealth
from pisovereign.http.allowed_hosts import AllowedHosts
from pisovereign.http.page_routes import PageRoutes
from pisovereign.lists.routes import ListRoutes
from pisovereign.mcp.routes import McpRoutes
from pisovereign.memory.collection_routes import MemoryCollectionRoutes
from pisovereign.memory.routes import MemoryRoutes
from pisovereign.metrics.routes import MetricsRoutes
from pisovereign.model_tests.routes import ModelTestRoutes
from pisovereign.notifications.push.routes import PushRoutes
from pisovereign.notifications.routes import NotificationRoutes
from pisovereign.notifications.trial import NotificationTrial
from pisovereign.openapi.document import render
from pisovereign.openapi.routes import DocumentationRoutes
from pisovereign.own_calendar.feed_routes import CalendarFeedRoutes
from pisovereign.own_calendar.routes import OwnCalendarRoutes
from pisovereign.parsing.routes import ParseRoutes
from pisovereign.reminders.routes import ReminderRoutes
from pisovereign.speech.routes import SpeechRoutes
from pisovereign.system.device_routes import DeviceRoutes
from pisovereign.system.model_routes import ModelFileRoutes
from pisovereign.system.routes import HealthRoutes, SystemRoutes
from pisovereign.system.status import SystemStatus
from pisovereign.system.switch_routes import SwitchRoutes
from pisovereign.tls.routes import TlsRoutes
from pisovereign.tool_servers.routes import ToolServerRoutes
from pisovereign.updates.routes import UpdateRoutes
from pisovereign.webhooks.routes import WebhookRoutes

TABLES: tuple[type[Routes], ...] = (
    SignInRoutes,
    ExportRoutes,
    PeopleRoutes,
    KeyRoutes,
    HealthRoutes,
    MetricsRoutes,
    SystemRoutes,
    ModelTestRoutes,
    ModelFileRoutes,
    SwitchRoutes,
    DeviceRoutes,
    BackupRoutes,
    BackupPlaceRoutes,
    UpdateRoutes,
    TlsRoutes,
    IntegrationRoutes,
    ConnectionRoutes,
    PreferenceRoutes,
    ToolServerRoutes,
    ChatRoutes,
    ConversationRoutes,
    CommandRoutes,
    ParseRoutes,
    CatalogRoutes,
    CatalogExecutionRoutes,
    ApprovalRoutes,
    SupervisedApprovalRoutes,
    AuditRoutes,
    MemoryRoutes,
    MemoryCollectionRoutes,
    DocumentRoutes,
    CalendarRoutes,
    CalendarTaskRoutes,
    OwnCalendarRoutes,
    CalendarFeedRoutes,
    ContactRoutes,
    MailRoutes,
    ReminderRoutes,
    ListRoutes,
    PushRoutes,
    EventRoutes,
    TaskRoutes,
    ScheduleRoutes,
    OpenAiRoutes,
    ResponseRoutes,
    OllamaRoutes,
    SpeechRoutes,
    McpRoutes,
    WebhookRoutes,
    LinkRoutes,
    NotificationRoutes,
    PageRoutes,
    DocumentationRoutes,
)

_RESULTS = tuple(spec.result for spec in COMMANDS if spec.result is not None)
render_document = partial(render, TABLES, dict.fromkeys((CommandAnswer, SpokenCommand), _RESULTS))


def build_routes(
    base: Infrastructure,
    integrations: Integrations,
    services: Services,
    accounts: Accounts,
    channels: ChannelWork,
) -> list[Routes]:
    """Return the object of each table."""
    config = base.config
    connections, preferences = build_connections(
        base, integrations, accounts.people, services.audit
    )
    return [
        *accounts.routes(),
        ExportRoutes(build_export(accounts, services, integrations)),
        *_system(base, integrations, services),
        ChatRoutes(services.chat, services.answer_streams),
        ConversationRoutes(services.conversations),
        CommandRoutes(services.actions),
        ParseRoutes(services.parsing),
        CatalogRoutes(services.catalog),
        CatalogExecutionRoutes(services.actions, services.catalog),
        ApprovalRoutes(services.approvals),
        _supervised_approvals(base, services),
        AuditRoutes(services.audit),
        MemoryRoutes(services.memory),
        MemoryCollectionRoutes(services.memory),
        DocumentRoutes(
            services.documents,
            UploadReader(config.documents.file_bytes, config.documents.upload_timeout_s),
        ),
        CalendarRoutes(services.actions),
        CalendarTaskRoutes(services.actions),
        OwnCalendarRoutes(integrations.calendar.own),
        CalendarFeedRoutes(integrations.calendar_feed, integrations.calendar.own),
        ContactRoutes(ContactSearch(integrations.calendar)),
        MailRoutes(services.actions),
        ReminderRoutes(services.reminders),
        ListRoutes(services.lists),
        PushRoutes(integrations.push.service),
        EventRoutes(EventStreams(base.events.log)),
        TaskRoutes(services.agents.service, services.agents.streams),
        ScheduleRoutes(services.agents.schedules),
        *_openai(base),
        _ollama(base, services),
        SpeechRoutes(integrations.speech, config.server.body_timeout_s),
        McpRoutes(services.mcp, AllowedHosts(config.server.names), base.bodies),
        PageRoutes(),
        DocumentationRoutes(render_document),
        WebhookRoutes(channels.webhooks, base.bodies),
        LinkRoutes(integrations.channels.accounts()),
        NotificationRoutes(
            NotificationTrial(base.database, services.notifications, integrations.services.reaches)
        ),
        ConnectionRoutes(connections),
        PreferenceRoutes(preferences),
        ToolServerRoutes(services.tool_servers.service),
    ]


def _system(base: Infrastructure, integrations: Integrations, services: Services) -> list[Routes]:
    """Return what tells of the program and its device, and looks after both."""
    config = base.config
    status = SystemStatus(
        config.server.environment, base.database, base.metrics_service, services.device.usage
    )

    async def check_engine() -> None:
        await base.engine.health()

    async def in_use() -> set[str]:
        known = {base.current_model(), config.inference.model, *config.memory.embedding_ids}
        return known | await base.switching.needed()

    checks: dict[str, Check | ServiceHealth | None] = {
        "inference": check_engine,
        "database": base.database.ping,
        "cache": ServiceHealth(healthy=True),  # it is in this process
        **integrations.services.checks(),
    }
    return [
        HealthRoutes(check_engine, base.models, checks, base.metrics_service),
        MetricsRoutes(base.metrics_service),
        SystemRoutes(status, base.models, services.abilities),
        ModelTestRoutes(services.abilities),
        ModelFileRoutes(services.model_work, services.abilities, in_use, base.bodies),
        SwitchRoutes(base.switching),
        services.device.routes(checks, services.audit),
        BackupRoutes(services.backups.service, services.audit, base.bodies),
        services.backups.place_routes(services.audit),
        UpdateRoutes(services.updates, services.audit),
        TlsRoutes(config, data_dir(), AllowedHosts(config.server.names)),
        IntegrationRoutes(Diagnostics(integrations.services.listed)),
    ]


def _supervised_approvals(base: Infrastructure, services: Services) -> SupervisedApprovalRoutes:
    supervision = Supervision(base.keys, PeopleStore(base.sealer))
    return SupervisedApprovalRoutes(
        SupervisedApprovals(services.approvals, base.database, supervision, services.audit)
    )


def _openai(base: Infrastructure) -> tuple[OpenAiRoutes, ResponseRoutes]:
    service = OpenAiService(base.config, base.engine, base.answers, base.models)
    return OpenAiRoutes(service), ResponseRoutes(ResponseService(service))


def _ollama(base: Infrastructure, services: Services) -> OllamaRoutes:
    installed = Installed(base.config, base.models, base.model_store, base.engine)
    return OllamaRoutes(
        OllamaService(base.config, base.engine, base.answers, installed),
        installed,
        Pulling(services.model_work),
    )
