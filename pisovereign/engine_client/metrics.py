"""Counters of what the model was asked."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram

from pisovereign.engine_client.meter import AnswerReader, AnswerRecord
from pisovereign.engine_client.types import Usage
from pisovereign.errors import PiSovereignError

BUCKETS_MS = (100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000)
TIME = "inference_time_ms"
FIRST = "inference_first_token_seconds"
WRITING = "inference_writing_seconds"


class InferenceMetrics:
    """Requests for an answer: how they ended, how long they took, and their tokens.

    `prompt` tokens include the `cached` ones, which were not computed again. An answer whose client
    left is `cancelled`, and is in no histogram. One of which the program itself had enough is not
    counted: another request follows, or it took too long.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        requests = Counter(
            "inference_requests", "Answers by how they ended", ["status"], registry=registry
        )
        self._by_status = {
            name: requests.labels(status=name) for name in ("success", "failed", "cancelled")
        }
        self._time = Histogram(
            TIME, "Inference time in milliseconds", buckets=BUCKETS_MS, registry=registry
        )
        self._first = Histogram(
            FIRST,
            "Time until the first token of an answer",
            buckets=[bound / 1000 for bound in BUCKETS_MS],
            registry=registry,
        )
        self._writing = Counter(
            WRITING, "Time from first to last tokens of answers", registry=registry
        )
        tokens = Counter("inference_tokens", "Tokens by kind", ["kind"], registry=registry)
        self._tokens = {
            kind: tokens.labels(kind=kind) for kind in ("prompt", "cached", "completion")
        }

    @contextlib.contextmanager
    def request(self, reader: AnswerReader | None = None) -> Iterator[AnswerRecord]:
        """Count one answer: a success if it was completed."""
        record = AnswerRecord(reader)
        started = time.perf_counter()
        status = "cancelled"
        try:
            yield record
        except PiSovereignError:
            status = "failed"
            raise
        finally:
            if record.usage is not None:
                status = "success"
                self._count(record.usage)
                self._count_times(started, record.began_at)
            if status != "cancelled":
                self._time.observe((time.perf_counter() - started) * 1000)
            if status != "cancelled" or not record.stopped_on_purpose:
                self._by_status[status].inc()

    def _count_times(self, started: float, began_at: float | None) -> None:
        if began_at is not None:
            self._first.observe(began_at - started)
            self._writing.inc(time.perf_counter() - began_at)

    def _count(self, usage: Usage) -> None:
        details = usage.prompt_tokens_details
        self._tokens["prompt"].inc(usage.prompt_tokens)
        self._tokens["cached"].inc(details.cached_tokens if details else 0)
        self._tokens["completion"].inc(usage.completion_tokens)
