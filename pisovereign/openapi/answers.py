"""Answers that are made of several parts, as structs: only for their description."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import msgspec

from pisovereign.integrations.diagnostics import Outcome
from pisovereign.runner.types import RunStatus
from pisovereign.system.catalog import ListedModel


class Alive(msgspec.Struct, frozen=True):
    """The process lives."""

    status: Literal["ok"]


class InferenceState(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether the model answers, how fast, or why not."""

    healthy: bool
    model: str
    latency_ms: float | None = None
    error: str | None = None


class Ready(msgspec.Struct, frozen=True):
    """Whether questions can be answered."""

    status: Literal["ready", "not_ready"]
    inference: InferenceState


class ServiceState(msgspec.Struct, frozen=True, omit_defaults=True):
    """One service; `healthy` is null for one that is not configured."""

    healthy: bool | None
    status: Literal["not_configured"] | None = None
    latency_ms: float | None = None
    error: str | None = None


class Percentiles(msgspec.Struct, frozen=True):
    """Of the time of all requests, in milliseconds."""

    p50_ms: float
    p90_ms: float
    p99_ms: float


class ReadyAll(msgspec.Struct, frozen=True):
    """Every service."""

    status: Literal["ready", "not_ready"]
    services: dict[str, ServiceState]
    latency_percentiles: Percentiles


class Models(msgspec.Struct, frozen=True):
    """Models that may be named."""

    models: list[ListedModel]


class Deleted(msgspec.Struct, frozen=True):
    """How many were deleted."""

    deleted: int


class Trials(msgspec.Struct, frozen=True):
    """What each service outside answers now."""

    integrations: list[Outcome]


class CommandAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A command that was carried out: `result` as data, `text` in words."""

    command: str
    status: RunStatus
    result: Any
    text: str
    executed_at: dt.datetime
