"""Agentic tasks, put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple
from uuid import UUID

from pisovereign.actions.service import ActionService
from pisovereign.agents.answering import Answerer
from pisovereign.agents.dispatcher import TASK_QUEUE, Dispatcher
from pisovereign.agents.part_worker import PartWorker
from pisovereign.agents.planning.proposals import ModelPlanner
from pisovereign.agents.planning.schema_planner import SchemaPlanner
from pisovereign.agents.planning.service import PlanningService
from pisovereign.agents.planning.tool_planner import ToolPlanner
from pisovereign.agents.quota import EngineQuota
from pisovereign.agents.reporting import Reporter
from pisovereign.agents.schedules.service import ScheduleService
from pisovereign.agents.schedules.store import ScheduleStore
from pisovereign.agents.schedules.timer import ScheduleTimer
from pisovereign.agents.schedules.types import build_schedules
from pisovereign.agents.service import TaskService
from pisovereign.agents.store import TaskStore
from pisovereign.agents.task_worker import TaskWorker
from pisovereign.agents.tools import Tools
from pisovereign.agents.transitions import Transitions
from pisovereign.agents.types import LAST_EVENTS, Limits
from pisovereign.agents.upkeep import TaskUpkeep
from pisovereign.approvals.service import ApprovalService
from pisovereign.config import AgenticConfig, Config
from pisovereign.engine_client.client import EngineClient
from pisovereign.events.log import EventLog
from pisovereign.events.stream import EventStreams, StreamSettings
from pisovereign.jobs.queue import JobQueue
from pisovereign.languages import Language
from pisovereign.locales import Locales, Zones
from pisovereign.notifications.service import NotificationService
from pisovereign.notifications.types import Way
from pisovereign.parsing.service import ParseService
from pisovereign.runtime import Runtime
from pisovereign.storage.pool import Database
from pisovereign.storage.sealing import Sealer
from pisovereign.tool_use.actions import ActionTools

TASK_STREAMS = StreamSettings(
    most_of_one_user=32,
    retry_ms=1000,
    heartbeat_s=10.0,
    last_kinds=LAST_EVENTS,
    missing="No such task",
)


class AgentDependencies(NamedTuple):
    """The parts of the rest of the program that tasks use."""

    database: Database
    engine: EngineClient
    commands: ActionService
    parsing: ParseService
    approvals: ApprovalService
    events: EventLog
    notifications: NotificationService
    tools: ActionTools
    calls_tools: Callable[[Language], bool]
    reaches: Callable[[UUID, Way], bool]


class Agents(NamedTuple):
    """The parts that others need."""

    service: TaskService
    schedules: ScheduleService
    dispatcher: Dispatcher
    streams: EventStreams
    timer: ScheduleTimer
    upkeep: TaskUpkeep


def build_agents(
    config: Config,
    runtime: Runtime,
    locales: Locales,
    uses: AgentDependencies,
    users: Sequence[UUID],
) -> Agents:
    """Put everything together.

    Args:
        config: The checked configuration.
        runtime: The key and the program's time zone.
        locales: Where each user is, and what they read.
        uses: What tasks use.
        users: Whose tasks are worked at.
    """
    settings = config.agentic
    store, queue = TaskStore(Sealer(runtime.master_key)), JobQueue(TASK_QUEUE)
    schedule_store = _schedule_store(settings, runtime, locales.zone, users)
    transitions = Transitions(
        database=uses.database,
        store=store,
        queue=queue,
        events=uses.events,
        approvals=uses.approvals,
        actions=uses.commands,
        notifications=uses.notifications,
        ways=schedule_store.ways,
    )
    dispatcher = Dispatcher(
        database=uses.database,
        store=store,
        queue=queue,
        worker=_worker(config, locales.zone, uses, transitions),
        transitions=transitions,
        approvals=uses.approvals,
        users=users if settings.enabled else [],
        limits=schedule_store.limits,
    )
    service = TaskService(
        database=uses.database,
        store=store,
        queue=queue,
        events=uses.events,
        transitions=transitions,
        dispatcher=dispatcher,
        enabled=settings.enabled,
        most_open=settings.max_open,
    )
    schedules, timer = _schedules(uses, schedule_store, service, locales, users)
    return Agents(
        service=service,
        schedules=schedules,
        dispatcher=dispatcher,
        streams=EventStreams(uses.events, TASK_STREAMS),
        timer=timer,
        upkeep=_upkeep(settings, uses, store, queue, users),
    )


def _schedule_store(
    settings: AgenticConfig, runtime: Runtime, zones: Zones, users: Sequence[UUID]
) -> ScheduleStore:
    return ScheduleStore(
        Sealer(runtime.master_key),
        build_schedules(settings, runtime.time_zone, users),
        zones,
        Limits(settings.max_tokens, settings.timeout_s),
    )


def _schedules(
    uses: AgentDependencies,
    store: ScheduleStore,
    tasks: TaskService,
    locales: Locales,
    users: Sequence[UUID],
) -> tuple[ScheduleService, ScheduleTimer]:
    timer = ScheduleTimer(uses.database, tasks, store, users, language=locales.language)
    service = ScheduleService(
        database=uses.database, store=store, tasks=tasks, reaches=uses.reaches, wake=timer.wake
    )
    return service, timer


def _upkeep(
    settings: AgenticConfig,
    uses: AgentDependencies,
    store: TaskStore,
    queue: JobQueue,
    users: Sequence[UUID],
) -> TaskUpkeep:
    return TaskUpkeep(
        database=uses.database,
        store=store,
        queue=queue,
        notifications=uses.notifications,
        users=users,
        days=settings.keep_days,
    )


def _worker(
    config: Config,
    zones: Zones,
    uses: AgentDependencies,
    transitions: Transitions,
) -> TaskWorker:
    """Return the worker of one task, with all that it asks."""
    settings = config.agentic
    quota = EngineQuota(
        uses.engine,
        config.inference.model,
        config.engine.answers_at_once,
        workers=config.server.workers,
    )
    # Who asks for memories wants to see more of them than are told to chat unasked.
    tools = Tools(uses.commands, config.memory.chat_threshold / 2)
    parts = PartWorker(
        transitions=transitions,
        tools=tools,
        answerer=Answerer(quota, tools),
        approvals=uses.approvals,
        commands=uses.commands,
    )
    by_schema, by_tools = SchemaPlanner(quota, uses.commands), ToolPlanner(quota, uses.tools)

    def model(language: Language) -> ModelPlanner:
        """Return how the model in use plans."""
        return by_tools if uses.calls_tools(language) else by_schema

    return TaskWorker(
        transitions=transitions,
        planning=PlanningService(uses.parsing, model if settings.plan_with_model else None, zones),
        parts=parts,
        reporter=Reporter(quota if settings.phrase_result else None),
        approvals=uses.approvals,
        most_parts=settings.max_sub_agents,
        parallel=settings.max_parallel,
    )
