"""The configuration: every setting, its bounds, and how its value is found.

Each section has a file of its own, named as in `config.toml`; `settings.py` puts together those of
the program itself, `connectors/` adds its own, and `loading.py` says how a value is found.
"""

from pisovereign.config.agentic import AgenticConfig, ScheduleConfig
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
from pisovereign.config.mcp import SERVER_NAME, McpAddress, McpConfig, McpFolder, McpServer
from pisovereign.config.memory import MemoryConfig
from pisovereign.config.outbound import OutboundConfig
from pisovereign.config.push import PushConfig
from pisovereign.config.reminders import RemindersConfig
from pisovereign.config.retention import RetentionConfig
from pisovereign.config.runner import RunnerConfig
from pisovereign.config.security import ApiKey, Scope, SecurityConfig
from pisovereign.config.server import ServerConfig
from pisovereign.config.settings import Config
from pisovereign.config.setup import SetupConfig
from pisovereign.config.telemetry import TelemetryConfig
from pisovereign.config.tls import TlsConfig
from pisovereign.config.updates import UpdatesConfig
from pisovereign.config.wyoming import WyomingConfig

__all__ = [
    "SERVER_NAME",
    "AgenticConfig",
    "ApiKey",
    "ApprovalsConfig",
    "BackupConfig",
    "BriefingConfig",
    "CacheConfig",
    "ChatConfig",
    "Config",
    "DatabaseConfig",
    "DocumentsConfig",
    "EngineConfig",
    "EventsConfig",
    "InferenceConfig",
    "McpAddress",
    "McpConfig",
    "McpFolder",
    "McpServer",
    "MemoryConfig",
    "OutboundConfig",
    "PushConfig",
    "RemindersConfig",
    "RetentionConfig",
    "RunnerConfig",
    "ScheduleConfig",
    "Scope",
    "SecurityConfig",
    "ServerConfig",
    "SetupConfig",
    "TelemetryConfig",
    "TlsConfig",
    "UpdatesConfig",
    "WyomingConfig",
    "cron",
    "loading",
    "rules",
]
