"""The configuration: every setting, its bounds, and how its value is found."""

from pisovereign.config.settings import (
    ApiKey,
    BackupConfig,
    CacheConfig,
    ChatConfig,
    Config,
    EngineConfig,
    InferenceConfig,
    MemoryConfig,
    RemindersConfig,
    Scope,
    SecurityConfig,
    ServerConfig,
    TelemetryConfig,
)

__all__ = [
    "ApiKey",
    "BackupConfig",
    "CacheConfig",
    "ChatConfig",
    "Config",
    "EngineConfig",
    "InferenceConfig",
    "MemoryConfig",
    "RemindersConfig",
    "Scope",
    "SecurityConfig",
    "ServerConfig",
    "TelemetryConfig",
    "agentic",
    "cron",
    "integrations",
    "loading",
    "rules",
    "setup_state",
]
