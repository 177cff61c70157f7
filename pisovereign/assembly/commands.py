"""What commands are made of: their catalog, their sources, and those who read and give them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from pisovereign.actions.changes import Actions
from pisovereign.actions.metrics import CommandMetrics
from pisovereign.actions.queries import Readings
from pisovereign.actions.service import CommandService
from pisovereign.actions.sources import Sources
from pisovereign.approvals.sealed import ApprovalSealer
from pisovereign.approvals.service import ApprovalService
from pisovereign.approvals.types import Executor
from pisovereign.assembly.cache import Regions
from pisovereign.assembly.meters import Meters
from pisovereign.audit.log import AuditLog
from pisovereign.catalog.execution import CatalogExecutor
from pisovereign.catalog.service import KIND as CATALOG_COMMAND
from pisovereign.catalog.service import CatalogService
from pisovereign.catalog.store import CatalogStore
from pisovereign.chat.command_turn import CommandTurns
from pisovereign.chat.message_commands import SpokenCommands
from pisovereign.chat.service import ChatService
from pisovereign.chat.store import ChatStore
from pisovereign.config import Config
from pisovereign.engine_client.answer_cache import Answers
from pisovereign.engine_client.client import EngineClient
from pisovereign.engine_client.encoder import Encoder
from pisovereign.events.log import EventLog
from pisovereign.memory.service import MemoryService
from pisovereign.notifications.service import NotificationService
from pisovereign.parsing.model_proposals import ModelProposer
from pisovereign.parsing.open_questions import ExampleMatcher, load_examples
from pisovereign.parsing.parser import Parser
from pisovereign.parsing.service import ParseService
from pisovereign.reminders.scheduler import Scheduler
from pisovereign.reminders.service import ReminderService
from pisovereign.reminders.store import ReminderStore
from pisovereign.runner.client import RunnerClient
from pisovereign.runtime import Runtime
from pisovereign.storage.pool import Database
from pisovereign.storage.sealing import Sealer
from pisovereign.system.catalog import ModelCatalog


def build_chat(
    config: Config,
    runtime: Runtime,
    database: Database,
    answers: Answers,
    models: ModelCatalog,
    *,
    memory: MemoryService,
    spoken: SpokenCommands,
) -> ChatService:
    """Conversations, with the commands that are given in them."""
    store = ChatStore(database, Sealer(runtime.master_key))
    return ChatService(
        config=config,
        store=store,
        answers=answers,
        models=models,
        memory=memory,
        commands=CommandTurns(spoken, store, enabled=config.chat.commands),
        time_zone=runtime.time_zone,
    )


def build_commands(
    config: Config,
    runtime: Runtime,
    sources: Sources,
    *,
    approvals: ApprovalService,
    catalog: CatalogService,
    meter: CommandMetrics,
) -> CommandService:
    """Commands, by name or as the parser gives them."""
    return CommandService(
        Readings(sources, runtime.time_zone),
        Actions(sources, catalog, approvals),
        briefing_limit_s=config.briefing.source_timeout_s,
        meter=meter,
    )


def build_catalog(
    config: Config,
    runtime: Runtime,
    database: Database,
    events: EventLog,
    executors: Mapping[str, Executor],
    *,
    meters: Meters,
) -> tuple[AuditLog, ApprovalService, CatalogService]:
    """The catalog of system commands."""
    runner = RunnerClient(runtime.runner_socket, runtime.privileged_socket, runtime.network_socket)
    executor = CatalogExecutor(runner, config.runner.timeout_s, meters.catalog)
    audit = AuditLog(database, runtime.master_key)
    approvals = ApprovalService(
        database=database,
        sealer=ApprovalSealer(Sealer(runtime.master_key)),
        audit=audit,
        events=events,
        executors={CATALOG_COMMAND: executor, **executors},
        expires=dt.timedelta(minutes=config.approvals.expires_minutes),
        meter=meters.approvals,
    )
    catalog = CatalogService(CatalogStore(database), executor, approvals, audit)
    return audit, approvals, catalog


def build_parsing(
    config: Config,
    runtime: Runtime,
    engine: EngineClient,
    catalog: CatalogService,
    kept: Regions,
) -> ParseService:
    """What people say, read by rules first."""
    encoder = Encoder(engine, config.engine.embedding_model, kept.embeddings)
    return ParseService(
        Parser(),
        ExampleMatcher(encoder, load_examples()),
        ModelProposer(engine, config.inference.model),
        catalog,
        runtime.time_zone,
    )


def build_reminders(
    config: Config,
    runtime: Runtime,
    database: Database,
    users: Sequence[UUID],
    notifications: NotificationService,
) -> tuple[ReminderService, Scheduler]:
    """Reminders, and what makes them due."""
    store = ReminderStore(Sealer(runtime.master_key), config.reminders.snooze_limit)
    scheduler = Scheduler(
        database=database,
        store=store,
        notifications=notifications,
        ways=config.reminders.deliver,
        users=users,
        check_s=config.reminders.check_s,
    )
    service = ReminderService(
        config=config.reminders,
        database=database,
        store=store,
        notifications=notifications,
        scheduler=scheduler,
    )
    return service, scheduler
