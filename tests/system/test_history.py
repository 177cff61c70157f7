"""Samples in the database: one for each minute, told in equal steps, and forgotten after a day."""

from __future__ import annotations

import asyncio
import datetime as dt

import psycopg
from prometheus_client import CollectorRegistry

from pisovereign.engine_client.metrics import InferenceMetrics
from pisovereign.engine_client.types import PromptTokensDetails, Usage
from pisovereign.metrics.totals import Totals
from pisovereign.storage.pool import Database
from pisovereign.system.history import History, HistoryStore, minute_of
from pisovereign.telemetry.http_metrics import HttpMetrics
from tests.support.patience import PATIENCE_S
from tests.support.server import Server

REST = {"memory_mb": 900, "cpu_percent": 12.5, "temperature_c": None}


async def stored(server: Server, samples: list[dict[str, float | None]]) -> History:
    database = Database(server.database_dsn(), pool_size=1, statement_timeout_s=PATIENCE_S)
    await database.open()
    try:
        store = HistoryStore(database)
        for sample in samples:
            await store.add(sample)
        return await store.read("hour")
    finally:
        await database.close()


def test_a_minute_of_the_counters() -> None:
    registry = CollectorRegistry()
    http, inference = HttpMetrics(registry), InferenceMetrics(registry)
    http.observe(200, 3.0)  # before the minute begins
    before = Totals(list(registry.collect()))
    for _ in range(9):
        http.observe(200, 0.02)
    http.observe(500, 4.0)
    with inference.request() as record:
        record.begin()
        record.complete(Usage(7, 5, 12, PromptTokensDetails(3)))
    sample = minute_of(Totals(list(registry.collect())).since(before))
    assert (sample["requests"], sample["answers"], sample["tokens"]) == (10, 1, 5)
    assert sample["p50_ms"] is not None
    assert sample["p99_ms"] is not None
    assert 10 <= sample["p50_ms"] <= 25
    assert 2500 <= sample["p99_ms"] <= 5000
    assert sample["tokens_per_second"] is not None
    assert sample["tokens_per_second"] > 0


def two_samples(server: Server) -> History:
    """What is told of two samples for one minute, where there was an old one alone."""
    with psycopg.connect(server.owner_dsn()) as connection:
        connection.execute("TRUNCATE system_samples")
        old = dt.datetime.now(dt.UTC) - dt.timedelta(hours=30)
        connection.execute(
            "INSERT INTO system_samples (at, requests, answers, tokens, memory_mb, cpu_percent)"
            " VALUES (%s, 1, 1, 1, 1, 1)",
            (old,),
        )
    first = minute_of(Totals([])) | REST
    # The minute may end between the two, and the server writes samples of its own.
    return asyncio.run(stored(server, [first | {"requests": 7}, first | {"requests": 8}]))


def test_whoever_is_first_writes_the_minute(server: Server) -> None:
    told = two_samples(server)
    if 7.0 not in told.requests:
        told = two_samples(server)  # the server, which writes one each minute, was first
    assert 7.0 in told.requests
    assert len(told.requests) == 60
    assert told.requests[0] is None
    assert told.temperature_c == [None] * 60
    with psycopg.connect(server.owner_dsn()) as connection:
        row = connection.execute(
            "SELECT count(*) FROM system_samples WHERE at < now() - interval '25 hours'"
        ).fetchone()
    assert row == (0,)
