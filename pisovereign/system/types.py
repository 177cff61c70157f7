"""Types of the routes of health and models."""

from __future__ import annotations

from typing import Literal

import msgspec

from pisovereign.health import ServiceHealth
from pisovereign.system.served_models import ListedModel


class Alive(msgspec.Struct, frozen=True):
    """The answer of a process that is alive."""

    status: Literal["ok"]


class InferenceState(msgspec.Struct, frozen=True, omit_defaults=True):
    """The state of the model: whether it answers, how fast, or why not."""

    healthy: bool
    model: str
    latency_ms: float | None = None
    error: str | None = None


class Ready(msgspec.Struct, frozen=True):
    """The answer of `GET /ready`."""

    status: Literal["ready", "not_ready"]
    inference: InferenceState


class Percentiles(msgspec.Struct, frozen=True):
    """Percentiles of the time of all requests, in milliseconds."""

    p50_ms: float
    p90_ms: float
    p99_ms: float


class ReadyAll(msgspec.Struct, frozen=True):
    """The answer of `GET /ready/all`."""

    status: Literal["ready", "not_ready"]
    services: dict[str, ServiceHealth]
    latency_percentiles: Percentiles


class Models(msgspec.Struct, frozen=True):
    """Models that may be named."""

    models: list[ListedModel]
