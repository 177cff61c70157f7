"""What commands are made of: their catalog, their sources, and those who read and give them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from pisovereign.actions.backends import Backends
from pisovereign.actions.registry import build_actions, executors
from pisovereign.actions.service import ActionService
from pisovereign.approvals.sealed import ApprovalSealer
from pisovereign.approvals.service import ApprovalService
from pisovereign.assembly.cache import Regions
from pisovereign.assembly.meters import Meters
from pisovereign.audit.service import AuditLog
from pisovereign.catalog.execution import CatalogRunner
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


def build_catalog(
    config: Config, runtime: Runtime, database: Database, audit: AuditLog, meters: Meters
) -> CatalogService:
    """The catalog of system commands."""
    runner = RunnerClient(runtime.runner_socket, runtime.privileged_socket, runtime.network_socket)
    commands = CatalogRunner(runner, config.runner.timeout_s, meters.catalog)
    return CatalogService(CatalogStore(database), commands, audit)


def build_actions_and_approvals(
    config: Config,
    runtime: Runtime,
    database: Database,
    events: EventLog,
    backends: Backends,
    *,
    audit: AuditLog,
    meters: Meters,
) -> tuple[ActionService, ApprovalService]:
    """All that can be done, and what of it waits for a person."""
    actions = build_actions(backends)
    approvals = ApprovalService(
        database=database,
        sealer=ApprovalSealer(Sealer(runtime.master_key)),
        audit=audit,
        events=events,
        executors=executors(actions),
        expires=dt.timedelta(minutes=config.approvals.expires_minutes),
        meter=meters.approvals,
    )
    return ActionService(actions, approvals, runtime.time_zone, meters.commands), approvals


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
