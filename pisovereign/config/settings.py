"""The configuration of the program itself: one typed, frozen tree with a section for each part.

Every setting has its default, its bounds and its description in the file of its section, and
nowhere else; a test compares `docs/configuration.md` with them. `loading.py` finds the values, and
`connectors/configuration.py` adds the sections of services outside.
"""

from __future__ import annotations

import msgspec

from pisovereign.config.agentic import AgenticConfig
from pisovereign.config.approvals import ApprovalsConfig
from pisovereign.config.backup import BackupConfig
from pisovereign.config.briefing import BriefingConfig
from pisovereign.config.cache import CacheConfig
from pisovereign.config.chat import ChatConfig
from pisovereign.config.database import DatabaseConfig
from pisovereign.config.documents import DocumentsConfig
from pisovereign.config.engine import EngineConfig
from pisovereign.config.events import EventsConfig
from pisovereign.config.inference import InferenceConfig
from pisovereign.config.mcp import McpConfig
from pisovereign.config.memory import MemoryConfig
from pisovereign.config.outbound import OutboundConfig
from pisovereign.config.push import PushConfig
from pisovereign.config.reminders import RemindersConfig
from pisovereign.config.retention import RetentionConfig
from pisovereign.config.runner import RunnerConfig
from pisovereign.config.security import SecurityConfig
from pisovereign.config.server import ServerConfig
from pisovereign.config.setup import SetupConfig
from pisovereign.config.telemetry import TelemetryConfig
from pisovereign.config.tls import TlsConfig
from pisovereign.config.updates import UpdatesConfig
from pisovereign.config.wyoming import WyomingConfig


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """The sections that are no connector's."""

    server: ServerConfig = ServerConfig()
    tls: TlsConfig = TlsConfig()
    setup: SetupConfig = SetupConfig()
    security: SecurityConfig = SecurityConfig()
    inference: InferenceConfig = InferenceConfig()
    engine: EngineConfig = EngineConfig()
    database: DatabaseConfig = DatabaseConfig()
    chat: ChatConfig = ChatConfig()
    memory: MemoryConfig = MemoryConfig()
    documents: DocumentsConfig = DocumentsConfig()
    reminders: RemindersConfig = RemindersConfig()
    push: PushConfig = PushConfig()
    events: EventsConfig = EventsConfig()
    retention: RetentionConfig = RetentionConfig()
    wyoming: WyomingConfig = WyomingConfig()
    outbound: OutboundConfig = OutboundConfig()
    mcp: McpConfig = McpConfig()
    runner: RunnerConfig = RunnerConfig()
    approvals: ApprovalsConfig = ApprovalsConfig()
    briefing: BriefingConfig = BriefingConfig()
    agentic: AgenticConfig = AgenticConfig()
    cache: CacheConfig = CacheConfig()
    backup: BackupConfig = BackupConfig()
    updates: UpdatesConfig = UpdatesConfig()
    telemetry: TelemetryConfig = TelemetryConfig()
