"""The whole configuration: one typed, frozen tree with a section for each capability.

Every setting has its default, its bounds and its description in the file of its section, and
nowhere else; a test compares `docs/configuration.md` with them. `loading.py` finds the values.
"""

from __future__ import annotations

import msgspec

from pisovereign.config.agentic import AgenticConfig
from pisovereign.config.approvals import ApprovalsConfig
from pisovereign.config.backup import BackupConfig
from pisovereign.config.backup_targets import (
    BackupFolderConfig,
    BackupS3Config,
    BackupStickConfig,
    BackupWebdavConfig,
)
from pisovereign.config.briefing import BriefingConfig
from pisovereign.config.cache import CacheConfig
from pisovereign.config.caldav import CaldavConfig
from pisovereign.config.chat import ChatConfig
from pisovereign.config.database import DatabaseConfig
from pisovereign.config.documents import DocumentsConfig
from pisovereign.config.email import EmailConfig
from pisovereign.config.engine import EngineConfig
from pisovereign.config.events import EventsConfig
from pisovereign.config.home_assistant import HomeAssistantConfig
from pisovereign.config.inference import InferenceConfig
from pisovereign.config.mcp import McpConfig
from pisovereign.config.memory import MemoryConfig
from pisovereign.config.ntfy import NtfyConfig
from pisovereign.config.outbound import OutboundConfig
from pisovereign.config.push import PushConfig
from pisovereign.config.reminders import RemindersConfig
from pisovereign.config.retention import RetentionConfig
from pisovereign.config.runner import RunnerConfig
from pisovereign.config.search import SearchConfig
from pisovereign.config.security import SecurityConfig
from pisovereign.config.server import ServerConfig
from pisovereign.config.setup import SetupConfig
from pisovereign.config.speech import SpeechConfig
from pisovereign.config.telegram import TelegramConfig
from pisovereign.config.telemetry import TelemetryConfig
from pisovereign.config.tls import TlsConfig
from pisovereign.config.updates import UpdatesConfig
from pisovereign.config.weather import WeatherConfig
from pisovereign.config.web import WebConfig
from pisovereign.config.whatsapp import WhatsAppConfig
from pisovereign.config.wyoming import WyomingConfig


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """The whole configuration."""

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
    whatsapp: WhatsAppConfig = WhatsAppConfig()
    wyoming: WyomingConfig = WyomingConfig()
    speech: SpeechConfig = SpeechConfig()
    telegram: TelegramConfig = TelegramConfig()
    ntfy: NtfyConfig = NtfyConfig()
    outbound: OutboundConfig = OutboundConfig()
    caldav: CaldavConfig = CaldavConfig()
    mcp: McpConfig = McpConfig()
    weather: WeatherConfig = WeatherConfig()
    home_assistant: HomeAssistantConfig = HomeAssistantConfig()
    search: SearchConfig = SearchConfig()
    web: WebConfig = WebConfig()
    runner: RunnerConfig = RunnerConfig()
    approvals: ApprovalsConfig = ApprovalsConfig()
    briefing: BriefingConfig = BriefingConfig()
    email: EmailConfig = EmailConfig()
    agentic: AgenticConfig = AgenticConfig()
    cache: CacheConfig = CacheConfig()
    backup: BackupConfig = BackupConfig()
    updates: UpdatesConfig = UpdatesConfig()
    backup_folder: BackupFolderConfig = BackupFolderConfig()
    backup_stick: BackupStickConfig = BackupStickConfig()
    backup_webdav: BackupWebdavConfig = BackupWebdavConfig()
    backup_s3: BackupS3Config = BackupS3Config()
    telemetry: TelemetryConfig = TelemetryConfig()
