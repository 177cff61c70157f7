"""How busy the device was: a sample for each minute, kept for about a day.

Every worker looks at the beginning of each minute, and whoever is first writes. Counts are of all
workers, so it does not matter who. [Decision 48](docs/decisions/0048-the-devices-own-page.md)
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from typing import Any, Literal

import msgspec

from pisovereign.engine_client.metrics import FIRST, WRITING
from pisovereign.jobs.periodic import PeriodicTask
from pisovereign.metrics.service import MetricsService
from pisovereign.metrics.totals import Totals
from pisovereign.storage.pool import Database
from pisovereign.system.sensors import temperature_c
from pisovereign.system.usage import Usage
from pisovereign.telemetry.http_metrics import DURATION

MINUTE_S = 60
KEPT = dt.timedelta(hours=25)
Span = Literal["hour", "day"]
_STEPS: dict[Span, tuple[int, int]] = {"hour": (MINUTE_S, 60), "day": (15 * MINUTE_S, 96)}
_FIELDS = (
    *("requests", "p50_ms", "p99_ms", "answers", "tokens", "tokens_per_second", "first_token_s"),
    *("memory_mb", "cpu_percent", "temperature_c"),
)
# Of the minute that has just ended; the clock that waits for its end may be a moment early.
_ADD = f"""
INSERT INTO system_samples (at, {", ".join(_FIELDS)})
VALUES (date_trunc('minute', now() + interval '30 s') - interval '1 min',
        {", ".join(f"%({name})s" for name in _FIELDS)})
ON CONFLICT (at) DO NOTHING
"""  # noqa: S608 - names of our own
_FORGET = "DELETE FROM system_samples WHERE at < now() - %(kept)s OR at > now() + %(kept)s"
_READ = """
WITH line AS (
    SELECT date_bin(%(step)s, now(), 'epoch') - %(step)s * (%(count)s - 1) AS start
), slots AS (
    SELECT start + %(step)s * n AS slot FROM line, generate_series(0, %(count)s - 1) AS n
)
SELECT slot, sum(requests), avg(p50_ms), max(p99_ms), sum(answers), sum(tokens),
       avg(tokens_per_second), avg(first_token_s), avg(memory_mb), avg(cpu_percent),
       avg(temperature_c)
FROM slots LEFT JOIN system_samples ON at >= slot AND at < slot + %(step)s
GROUP BY slot ORDER BY slot
"""
_TWO_DIGITS = frozenset(("tokens_per_second", "first_token_s"))


class HistoryQuery(msgspec.Struct, frozen=True):
    """How far back."""

    span: Span = "hour"


class History(msgspec.Struct, frozen=True, kw_only=True):
    """Values of each step, the oldest first; null: there was no sample.

    Counts are those of a step; latencies are in milliseconds, `p99_ms` is the worst minute's.
    """

    start: dt.datetime
    step_s: int
    requests: list[float | None]
    p50_ms: list[float | None]
    p99_ms: list[float | None]
    answers: list[float | None]
    tokens: list[float | None]
    tokens_per_second: list[float | None]
    first_token_s: list[float | None]
    memory_mb: list[float | None]
    cpu_percent: list[float | None]
    temperature_c: list[float | None]


class HistoryStore:
    """Samples in the database.

    Args:
        database: Where they are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, sample: dict[str, float | None]) -> None:
        """Add the sample of this minute, unless it is there, and forget old ones."""
        async with self._database.system() as connection:
            await connection.execute(_ADD, sample)
            await connection.execute(_FORGET, {"kept": KEPT})

    async def read(self, span: Span) -> History:
        """Return the samples of a span, in equal steps."""
        step_s, count = _STEPS[span]
        values = {"step": dt.timedelta(seconds=step_s), "count": count}
        async with self._database.system() as connection:
            rows = await (await connection.execute(_READ, values)).fetchall()
        columns: dict[str, Any] = {
            name: [None if row[i] is None else _rounded(name, row[i]) for row in rows]
            for i, name in enumerate(_FIELDS, 1)
        }
        return History(start=rows[0][0], step_s=step_s, **columns)


class Sampler:
    """Takes a sample at the beginning of each minute.

    Args:
        store: Where samples go.
        metrics: The counts.
        usage: What the program takes.
    """

    def __init__(self, store: HistoryStore, metrics: MetricsService, usage: Usage) -> None:
        self._store = store
        self._metrics = metrics
        self._usage = usage
        self._before: Totals | None = None
        task = PeriodicTask(self._look, "the history of this device")
        self.start, self.stop = task.start, task.stop

    async def _look(self) -> float:
        totals = self._metrics.totals()
        before, self._before = self._before, totals
        if before is not None:
            memory = await asyncio.to_thread(self._usage.memory_mb)
            cpu, temperature = self._usage.cpu_percent(), temperature_c()
            rest = {"memory_mb": memory, "cpu_percent": cpu, "temperature_c": temperature}
            await self._store.add(minute_of(totals.since(before)) | rest)
        return MINUTE_S - time.time() % MINUTE_S


def minute_of(counted: Totals) -> dict[str, float | None]:
    """Return what a sample says of what was counted in a minute."""
    requests = int(counted.sum("http_requests_total"))
    writing = counted.value(f"{WRITING}_total")
    tokens = int(counted.value("inference_tokens_total", kind="completion"))
    first = counted.mean(FIRST)
    return {
        "requests": requests,
        "p50_ms": 1000 * counted.quantile(DURATION, 0.5) if requests else None,
        "p99_ms": 1000 * counted.quantile(DURATION, 0.99) if requests else None,
        "answers": int(counted.sum("inference_requests_total")),
        "tokens": tokens,
        "tokens_per_second": tokens / writing if writing else None,
        "first_token_s": first or None,
    }


def _rounded(name: str, value: Any) -> float:
    return round(float(value), 2 if name in _TWO_DIGITS else 1)
