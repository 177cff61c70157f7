"""The state of the system: what it takes, and what it has done."""

from __future__ import annotations

import asyncio

import msgspec

from pisovereign import __version__
from pisovereign.metrics.service import MetricsService
from pisovereign.storage.pool import Database
from pisovereign.system.usage import MIB, Usage

_DATABASE_SIZE = "SELECT pg_database_size(current_database())"
_USAGE_LIMIT_S = 5.0


class Resources(msgspec.Struct, frozen=True):
    """The machine's resources in use; `cpu_percent` is the whole machine's."""

    memory_used_mb: int
    cpu_percent: float
    database_size_mb: int


class Statistics(msgspec.Struct, frozen=True):
    """Counts since the start.

    `cache_hit_rate` is the share of questions to the cache that it has answered, and
    `prompt_reuse_rate` that of prompt tokens that the model did not compute again.
    """

    requests_total: int
    inference_requests: int
    cache_hit_rate: float
    prompt_reuse_rate: float


class Status(msgspec.Struct, frozen=True):
    """The answer of `GET /v1/system/status`."""

    version: str
    uptime_seconds: int
    environment: str
    resources: Resources
    statistics: Statistics


class SystemStatus:
    """Asks database, processes and counts."""

    def __init__(
        self, environment: str, database: Database, metrics: MetricsService, usage: Usage
    ) -> None:
        self._environment = environment
        self._database = database
        self._metrics = metrics
        self._usage = usage

    async def read(self) -> Status:
        """Return the state now."""
        async with asyncio.timeout(_USAGE_LIMIT_S):
            memory = await asyncio.to_thread(self._usage.memory_mb)
        totals = self._metrics.totals()
        prompt = totals.value("inference_tokens_total", kind="prompt")
        cached = totals.value("inference_tokens_total", kind="cached")
        return Status(
            version=__version__,
            uptime_seconds=int(self._metrics.uptime_s()),
            environment=self._environment,
            resources=Resources(memory, self._usage.cpu_percent(), await self._database_mb()),
            statistics=Statistics(
                requests_total=int(totals.sum("http_requests_total")),
                inference_requests=int(totals.sum("inference_requests_total")),
                cache_hit_rate=self._metrics.cache(totals).hit_rate,
                prompt_reuse_rate=round(cached / prompt, 4) if prompt else 0.0,
            ),
        )

    async def _database_mb(self) -> int:
        async with self._database.system() as connection:
            row = await (await connection.execute(_DATABASE_SIZE)).fetchone()
        return round(row[0] / MIB) if row else 0
