"""What the program does for people, wired to what it stands on and to the services outside."""

from __future__ import annotations

from pisovereign.agents.build import Agents, Uses, build_agents
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
from pisovereign.assembly.lifespan import Background
from pisovereign.assembly.memory import build_memory
from pisovereign.assembly.outside import Outside
from pisovereign.chat.message_commands import SpokenCommands
from pisovereign.config import Config
from pisovereign.mcp.gateway import Gateway
from pisovereign.mcp.tools import McpTools
from pisovereign.runtime import Runtime


class Services:
    """Memory, reminders, commands, approvals, chat, tasks and the tools of other programs."""

    def __init__(
        self, config: Config, runtime: Runtime, base: Foundation, outside: Outside
    ) -> None:
        self.memory, self._memory_upkeep = build_memory(
            config,
            runtime,
            base.database,
            base.engine,
            keys=base.keys,
            kept=base.kept,
            meter=base.meters.retrieval,
        )
        self.notifications = outside.notifications()
        self.reminders, self._scheduler = build_reminders(
            config, runtime, base.database, outside.users, self.notifications
        )
        sources = outside.sources(self.reminders)
        executors = {
            **outside.executors(sources),
            CREATE_REMINDER: ReminderCreator(self.reminders),
            AGENT_PLAN: PlanExecutor(),
        }
        self.audit, self.approvals, self.catalog = build_catalog(
            config, runtime, base.database, base.events.log, executors, meters=base.meters
        )
        self._approval_upkeep = ApprovalUpkeep(
            self.approvals, outside.users, config.server.shutdown_grace_s
        )
        self.commands = build_commands(
            config,
            runtime,
            sources,
            approvals=self.approvals,
            catalog=self.catalog,
            meter=base.meters.commands,
        )
        self.parsing = build_parsing(config, runtime, base.engine, self.catalog, base.kept)
        self.chat = build_chat(
            config,
            runtime,
            base.database,
            base.answers,
            base.models,
            memory=self.memory,
            spoken=SpokenCommands(self.commands, self.parsing),
        )
        self.agents = self._agents(config, runtime, base, outside)
        effects = Effects(self.commands, runtime.time_zone)
        self.mcp = Gateway(McpTools(self.commands, self.memory, effects, self.approvals))

    def background(self) -> list[Background]:
        """What goes on beside the requests."""
        return [
            self._memory_upkeep,
            self._scheduler,
            self._approval_upkeep,
            self.agents.dispatcher,
            self.agents.timer,
            self.agents.upkeep,
            *self.notifications.workers,
        ]

    def _agents(
        self, config: Config, runtime: Runtime, base: Foundation, outside: Outside
    ) -> Agents:
        uses = Uses(
            base.database,
            base.engine,
            self.commands,
            self.parsing,
            self.memory,
            self.approvals,
            base.events.log,
            self.notifications,
        )
        return build_agents(config, runtime, uses, outside.users)
