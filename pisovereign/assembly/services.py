"""Construction of the services for people, on the infrastructure and the integrations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from uuid import UUID

from pisovereign.accounts.people_store import PeopleStore
from pisovereign.accounts.supervision import Supervision
from pisovereign.actions.backends import Backends
from pisovereign.actions.registry import build_actions, executors
from pisovereign.actions.service import ActionService
from pisovereign.agents.build import AgentDependencies, Agents, build_agents
from pisovereign.approvals.sealed import ApprovalSealer
from pisovereign.approvals.service import ApprovalService
from pisovereign.approvals.upkeep import ApprovalUpkeep
from pisovereign.assembly.backups import Backups
from pisovereign.assembly.device import Device
from pisovereign.assembly.documents import build_documents
from pisovereign.assembly.infrastructure import Infrastructure
from pisovereign.assembly.integrations import Integrations
from pisovereign.assembly.lifespan import Background
from pisovereign.assembly.memory import build_memory
from pisovereign.assembly.model_tests import build_abilities
from pisovereign.assembly.owner_notices import build_owner_notices
from pisovereign.assembly.tool_servers import ToolServers
from pisovereign.assembly.updates import build_updates
from pisovereign.audit.service import AuditLog
from pisovereign.catalog.execution import CatalogRunner
from pisovereign.catalog.service import CatalogService
from pisovereign.catalog.store import CatalogStore
from pisovereign.catalog.turns import Turns
from pisovereign.chat.answer_notices import AnswerNotices
from pisovereign.chat.answer_run import AnswerDependencies
from pisovereign.chat.answer_streams import AnswerStreams
from pisovereign.chat.claim_risk import ClaimRisk
from pisovereign.chat.claims import ClaimDetector
from pisovereign.chat.command_steps import CommandSteps
from pisovereign.chat.commands import CommandTurns
from pisovereign.chat.completed_answers import CompletedAnswers
from pisovereign.chat.conversation_store import ConversationStore
from pisovereign.chat.conversations import ConversationService
from pisovereign.chat.corrections import Corrections
from pisovereign.chat.document_notes import DocumentNotes
from pisovereign.chat.health import HealthQuestions, load_health_head
from pisovereign.chat.memory_notes import MemoryNotes
from pisovereign.chat.model_requests import ModelRequests
from pisovereign.chat.model_turns import ModelTurns
from pisovereign.chat.own_facts import OwnFacts
from pisovereign.chat.promises import Promises
from pisovereign.chat.replacements import Replacements
from pisovereign.chat.service import ChatService
from pisovereign.chat.store import ChatStore
from pisovereign.chat.tool_turns import ToolTurns
from pisovereign.chat.turn_preparation import TurnPreparation
from pisovereign.connectors.home_assistant.types import House
from pisovereign.dialogue.service import DialogueService
from pisovereign.dialogue.store import DialogueStore
from pisovereign.languages import Language
from pisovereign.lists.service import ListService
from pisovereign.lists.store import ListStore
from pisovereign.mcp.conversations import Conversations
from pisovereign.mcp.gateway import McpGateway
from pisovereign.mcp.tools import McpTools
from pisovereign.model_tests.abilities import ModelAbilities
from pisovereign.models.device import device_memory
from pisovereign.models.work import ModelWork
from pisovereign.notifications.service import NotificationService
from pisovereign.notifications.types import Way
from pisovereign.own_calendar.calendars import Calendars
from pisovereign.parsing.intent_model import IntentModel
from pisovereign.parsing.intent_reader import IntentReader
from pisovereign.parsing.intent_weights import load_weights
from pisovereign.parsing.model_proposals import CommandReader, ModelProposer
from pisovereign.parsing.parser import Parser
from pisovereign.parsing.service import ParseService
from pisovereign.process.control import ControlClient
from pisovereign.reminders.scheduler import Scheduler
from pisovereign.reminders.service import ReminderService
from pisovereign.reminders.store import ReminderStore
from pisovereign.retention.service import Retention
from pisovereign.runner.client import RunnerClient
from pisovereign.system.model_watch import ModelWatch
from pisovereign.tool_use.actions import ActionTools, everybodys, further
from pisovereign.tool_use.loop import ToolLoop
from pisovereign.tool_use.set_up_tools import SetUpTools
from pisovereign.tool_use.toolbox import Toolbox
from pisovereign.tool_use.types import ToolProvider


class Services:
    """Memory, reminders, commands, approvals, chat, tasks and the tools of other programs."""

    def __init__(self, base: Infrastructure, integrations: Integrations, parser: Parser) -> None:
        self.memory, self._memory_upkeep = build_memory(base, integrations.users)
        self.documents, self._document_work = build_documents(base, integrations.users)
        self.notifications = integrations.notifications()
        self.reminders, self._scheduler = _build_reminders(base, integrations, self.notifications)
        self.lists = ListService(base.database, ListStore(base.sealer))
        self.audit = AuditLog(base.database, base.runtime.master_key)
        self.catalog = _build_catalog(base, self.audit)
        self.tool_servers = ToolServers(
            base, integrations.configured, self.audit, build_runner(base)
        )
        backends = integrations.backends(
            self.reminders,
            self.lists,
            self.catalog,
            self.memory,
            self.tool_servers.calls,
            documents=self.documents,
        )
        self.actions, self.approvals = _build_actions(
            base, backends, self.audit, self.notifications, integrations.approval_preferences.ways
        )
        self._approval_upkeep = ApprovalUpkeep(
            self.approvals, integrations.users, base.config.server.shutdown_grace_s
        )
        reader = CommandReader(base.engine, base.current_model)
        self._models = base.models
        self.abilities = build_abilities(base, reader.named)
        self.parsing = _build_parsing(
            base,
            parser,
            self.catalog,
            reader,
            self.abilities,
            calendar=integrations.calendar,
            house=integrations.home.known,
        )
        self.model_work = ModelWork(base.model_store, base.config, device_memory())
        self.control = ControlClient(base.runtime.control_socket)
        notices = build_owner_notices(base, integrations, self.notifications)
        self.updates, self._update_work, self._nightly_updates = build_updates(base, notices)
        self.backups = Backups(base, integrations, notices, self.control)
        self.device = Device(base, self.control, self.backups.timer)
        self._tools = ActionTools(self.actions, base.locales.zone)
        beside = ActionTools(self.actions, base.locales.zone, further())
        self._set_up_tools = SetUpTools(beside, integrations.availability.has)
        self.chat = self._build_chat(base)
        self.answer_streams = _build_answer_streams(
            base, integrations, self.chat, self.notifications
        )
        self.conversations = ConversationService(
            base.database, ConversationStore(base.database, base.sealer), self.answer_streams
        )
        self.agents = self._build_agents(base, integrations)
        self._retention = self._build_retention(base, integrations)
        self.mcp = McpGateway(McpTools(self.actions, self.approvals, Conversations(self.chat)))

    def background(self) -> list[Background]:
        """Return what goes on beside the requests."""
        return [
            self.abilities,
            self.model_work,
            self._update_work,
            self._nightly_updates,
            *self.backups.background,
            self.device.sampler,
            ModelWatch(self._models, self.abilities.wake),
            self._memory_upkeep,
            self._document_work,
            self._scheduler,
            self._approval_upkeep,
            self.answer_streams,
            self.agents.dispatcher,
            self.agents.timer,
            self.agents.upkeep,
            self._retention,
            *self.notifications.workers,
        ]

    def _build_chat(self, base: Infrastructure) -> ChatService:
        """Return conversations, with the commands that are given in them."""
        store = ChatStore(base.database, base.sealer)
        steps = CommandSteps(self.actions, self.approvals, self.memory, base.locales.zone)
        dialogue = DialogueService(DialogueStore(base.database, base.sealer), self.parsing)
        replacements = Replacements(
            database=base.database,
            sealer=base.sealer,
            approvals=self.approvals,
            memory=self.memory,
            dialogue=dialogue,
        )
        commands = CommandTurns(
            steps,
            self.parsing,
            dialogue,
            OwnFacts(self.memory, learns=base.config.memory.learn),
            store,
            health=HealthQuestions(base.encoders, load_health_head(), self.memory)
            if base.config.chat.health_caution
            else None,
            replacements=replacements,
            enabled=base.config.chat.commands,
        )
        corrections = Corrections(self.parsing, dialogue, self.memory, base.locales.zone)
        requests = ModelRequests(
            config=base.config, store=store, answers=base.answers, models=base.models
        )
        tools = self._build_tools(base, requests, corrections)
        return ChatService(
            store=store,
            models=base.models,
            commands=commands,
            preparation=TurnPreparation(
                config=base.config,
                store=store,
                models=base.models,
                notes=MemoryNotes(self.memory, base.models),
                passages=DocumentNotes(self.documents, base.models),
                tools=tools,
                risk=ClaimRisk(ClaimDetector(), self.parsing, self.memory),
                requests=requests,
                zones=base.locales.zone,
            ),
            model=ModelTurns(requests, ClaimDetector(), corrections, base.metrics.held),
            tools=tools,
            answers=CompletedAnswers(
                store=store,
                memory=self.memory,
                corrections=corrections,
                dialogue=dialogue,
                replacements=replacements,
            ),
            replacements=replacements,
            promises=Promises(base.config.inference.max_answer_s, base.config.chat.told_after_s),
        )

    def _build_tools(
        self, base: Infrastructure, requests: ModelRequests, corrections: Corrections
    ) -> ToolTurns | None:
        """Return answers with tools; None: no model is given any."""
        config = base.config.chat
        if config.tools == "off":
            return None
        toolbox = Toolbox([self._tools], personal=self._personal_tools)
        return ToolTurns(
            requests=requests,
            loop=ToolLoop(toolbox, config.max_tool_rounds),
            abilities=self.abilities.of if config.tools == "auto" else None,
            claims=ClaimDetector(),
            corrections=corrections,
            has_time=self.parsing.has_time,
            held=base.metrics.held,
        )

    async def _personal_tools(self, user: UUID) -> Sequence[ToolProvider]:
        """Return a user's tools beside everybody's: of what is set up, and of servers."""
        servers = await self.tool_servers.offers(self.actions).of(user)
        return (self._set_up_tools.of(user), *servers)

    def _build_agents(self, base: Infrastructure, integrations: Integrations) -> Agents:
        uses = AgentDependencies(
            base.database,
            base.engine,
            self.actions,
            self.parsing,
            self.approvals,
            base.events.log,
            self.notifications,
            ActionTools(self.actions, base.locales.zone, (*everybodys(), *further())),
            partial(self._calls_tools, base),
            integrations.services.reaches,
        )
        return build_agents(base.config, base.runtime, base.locales, uses, integrations.users)

    def _build_retention(self, base: Infrastructure, integrations: Integrations) -> Retention:
        """Return what deletes what is over and too old."""
        return Retention(
            config=base.config.retention,
            database=base.database,
            audit=self.audit,
            events=base.events.log,
            conversations=self.conversations,
            reminders=self.reminders,
            users=integrations.users,
            people=partial(_everybody, base),
        )

    def _calls_tools(self, base: Infrastructure, language: Language) -> bool:
        """Return whether the model in use plans with tools in a language."""
        if base.config.chat.tools == "auto":
            return self.abilities.of(base.current_model()).calls_tools_in(language)
        return base.config.chat.tools == "on"


async def _everybody(base: Infrastructure) -> list[UUID]:
    """Return all people beside those of the configuration, also those who are disabled."""
    async with base.database.system() as connection:
        return [each.id for each in await PeopleStore(base.sealer).everybody(connection)]


def _build_answer_streams(
    base: Infrastructure,
    integrations: Integrations,
    chat: ChatService,
    notifications: NotificationService,
) -> AnswerStreams:
    """Return what writes answers while their clients are away."""
    notices = AnswerNotices(notifications, integrations.approval_preferences.ways)
    return AnswerStreams(
        uses=AnswerDependencies(base.database, chat, base.events.log, notices),
        store=ChatStore(base.database, base.sealer),
        events=base.events.log,
        users=integrations.users,
        grace_s=base.config.chat.resume_grace_s,
        ending_s=base.config.server.shutdown_grace_s,
    )


def _build_reminders(
    base: Infrastructure, integrations: Integrations, notifications: NotificationService
) -> tuple[ReminderService, Scheduler]:
    """Return reminders, and what makes them due."""
    config = base.config.reminders
    store = ReminderStore(base.sealer, config.snooze_limit)
    scheduler = Scheduler(
        database=base.database,
        store=store,
        notifications=notifications,
        ways=integrations.preferences.ways,
        users=integrations.users,
        zones=base.locales.zone,
        check_s=config.check_s,
    )
    service = ReminderService(
        snooze_minutes=integrations.preferences.snooze_minutes,
        database=base.database,
        store=store,
        notifications=notifications,
        scheduler=scheduler,
        zones=base.locales.zone,
    )
    return service, scheduler


def _build_catalog(base: Infrastructure, audit: AuditLog) -> CatalogService:
    """Return the catalog of system commands."""
    runtime, runner = base.runtime, build_runner(base)
    limits = base.config.runner
    # Each worker has its share; what they have together may wait in the runner itself.
    places = max(2, limits.parallel // base.config.server.workers) if limits.parallel > 1 else 1
    turns = Turns(places)
    network_turns = turns if runtime.network_socket is None else Turns(places)
    commands = CatalogRunner(runner, limits.timeout_s, turns, network_turns, base.metrics.catalog)
    return CatalogService(CatalogStore(base.database), commands, audit)


def build_runner(base: Infrastructure) -> RunnerClient:
    """Return what executes programs."""
    runtime = base.runtime
    return RunnerClient(runtime.runner_socket, runtime.privileged_socket, runtime.network_socket)


def _build_actions(
    base: Infrastructure,
    backends: Backends,
    audit: AuditLog,
    notifications: NotificationService,
    ways: Callable[[UUID], Sequence[Way]],
) -> tuple[ActionService, ApprovalService]:
    """Return all that can be done, and what of it waits for a person."""
    actions = build_actions(backends)
    approvals = ApprovalService(
        database=base.database,
        sealer=ApprovalSealer(base.sealer),
        audit=audit,
        notifications=notifications,
        executors=executors(actions),
        expires=dt.timedelta(minutes=base.config.approvals.expires_minutes),
        ways=ways,
        supervises=Supervision(base.keys, PeopleStore(base.sealer)),
        meter=base.metrics.approvals,
    )
    zones = base.locales.zone
    return ActionService(actions, approvals, zones, base.metrics.commands), approvals


def _build_parsing(
    base: Infrastructure,
    parser: Parser,
    catalog: CatalogService,
    reader: CommandReader,
    abilities: ModelAbilities,
    *,
    calendar: Calendars,
    house: Callable[[UUID], Awaitable[House | None]],
) -> ParseService:
    """Return what reads what people say, by rules first."""
    return ParseService(
        parser,
        IntentReader(base.encoders, IntentModel(load_weights())),
        ModelProposer(reader, abilities.of),
        catalog,
        base.locales.zone,
        tasks=calendar,
        keeps_calendar=calendar.keeps_calendar,
        contacts=calendar,
        house=house,
    )
