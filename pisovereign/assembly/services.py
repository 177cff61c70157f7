"""What the program does for people, wired to what it stands on and to the services outside."""

from __future__ import annotations

from pisovereign.agents.build import Agents, Uses, build_agents
from pisovereign.approvals.upkeep import ApprovalUpkeep
from pisovereign.assembly.commands import (
    build_actions_and_approvals,
    build_catalog,
    build_chat,
    build_parsing,
    build_reminders,
)
from pisovereign.assembly.foundation import Foundation
from pisovereign.assembly.lifespan import Background
from pisovereign.assembly.memory import build_memory
from pisovereign.assembly.outside import Outside
from pisovereign.audit.service import AuditLog
from pisovereign.chat.message_commands import SpokenCommands
from pisovereign.config import Config
from pisovereign.mcp.gateway import McpGateway
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
        self.audit = AuditLog(base.database, runtime.master_key)
        self.catalog = build_catalog(config, runtime, base.database, self.audit, base.meters)
        self.actions, self.approvals = build_actions_and_approvals(
            config,
            runtime,
            base.database,
            base.events.log,
            outside.backends(self.reminders, self.catalog, self.memory),
            audit=self.audit,
            meters=base.meters,
        )
        self._approval_upkeep = ApprovalUpkeep(
            self.approvals, outside.users, config.server.shutdown_grace_s
        )
        self.parsing = build_parsing(config, runtime, base.engine, self.catalog, base.kept)
        self.chat = build_chat(
            config,
            runtime,
            base.database,
            base.answers,
            base.models,
            memory=self.memory,
            spoken=SpokenCommands(self.actions, self.parsing),
        )
        self.agents = self._agents(config, runtime, base, outside)
        self.mcp = McpGateway(McpTools(self.actions))

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
            self.actions,
            self.parsing,
            self.approvals,
            base.events.log,
            self.notifications,
        )
        return build_agents(config, runtime, uses, outside.users)
