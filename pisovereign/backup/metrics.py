"""Gauges of backups by the schedule."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge

from pisovereign.backup.health import BackupHealth, is_bad


class BackupMetrics:
    """When the last good backup was made, and whether somebody has to see to them."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self._last = Gauge(
            "backup_last_good_timestamp_seconds",
            "When the last backup was made that is known to be good; 0: none",
            registry=registry,
            multiprocess_mode="mostrecent",
        )
        self._bad = Gauge(
            "backup_unhealthy",
            "1 if backups by the schedule fail, are old, or have no place to go to",
            registry=registry,
            multiprocess_mode="mostrecent",
        )

    def show(self, health: BackupHealth) -> None:
        """Set both."""
        self._last.set(health.last_good_at.timestamp() if health.last_good_at else 0.0)
        self._bad.set(int(is_bad(health.status)))
