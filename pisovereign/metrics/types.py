"""Types of `/metrics`."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType


class HttpReport(msgspec.Struct, frozen=True, kw_only=True):
    """Requests since the server's start; times in milliseconds.

    Requests being served are told only to a key.
    """

    requests_total: int
    requests_success: int
    requests_client_error: int
    requests_server_error: int
    active_requests: int | UnsetType = UNSET
    response_time_avg_ms: float


class InferenceReport(msgspec.Struct, frozen=True, kw_only=True):
    """Answers since the server's start; the total holds the cancelled ones too."""

    requests_total: int
    requests_success: int
    requests_failed: int
    requests_cancelled: int
    time_avg_ms: float
    tokens_total: int
    tokens_prompt: int
    tokens_cached: int
    tokens_completion: int
    healthy: bool


class CacheReport(msgspec.Struct, frozen=True, kw_only=True):
    """Questions to the cache since the server's start, and what it holds now.

    `hit_rate` is the share that what is kept has answered; `stale` ones got something old, because
    nothing newer was to be had.
    """

    requests_total: int
    hits: int
    misses: int
    stale: int
    hit_rate: float
    bytes: int
    entries: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to `GET /metrics`; without a key there is no `cache`, and all else is coarse."""

    uptime_seconds: int
    http: HttpReport
    inference: InferenceReport
    cache: CacheReport | UnsetType = UNSET
