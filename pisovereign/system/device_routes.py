"""The routes of the device: what its owner sees of it, its log, and starting it again."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path
from typing import Annotated

import msgspec
from falcon.asgi import Request, Response
from msgspec import Meta

from pisovereign.asgi.routes import Example, Routes, route
from pisovereign.audit.service import AuditLog
from pisovereign.system.history import History, HistoryQuery, HistoryStore
from pisovereign.system.overview import Overview, OverviewReader
from pisovereign.system.power import Power, Target
from pisovereign.telemetry.recent_log import Level, LogLine, read_recent_lines

_OVERVIEW = {
    "board": "Raspberry Pi 5 Model B Rev 1.0",
    "versions": {
        "pisovereign": "0.1.0",
        "python": "3.13.5",
        "database": "17.6",
        "kernel": "6.12.47+rpt-rpi-2712",
    },
    "environment": "production",
    "started_at": "2026-11-27T06:00:12Z",
    "booted_at": "2026-11-20T18:22:40Z",
    "services": {
        "inference": {"healthy": True, "latency_ms": 1.3},
        "email": {"healthy": None, "status": "not_configured"},
    },
    "temperature_c": 58.4,
    "throttled": [],
    "throttled_before": ["under_voltage"],
    "cpu_percent": 12.5,
    "processors": 4,
    "memory": {
        "total_mb": 8064,
        "available_mb": 4912,
        "used_mb": 2310,
        "parts": [{"part": "engine", "memory_mb": 1890}],
    },
    "disks": [{"what": "data", "total": 62_000_000_000, "free": 48_000_000_000}],
    "database_bytes": 15_400_000,
    "backup": {"status": "good", "last_good_at": "2026-11-27T02:00:00Z"},
    "speed": {"tokens_per_second": 7.4, "first_token_s": 0.9},
    "restartable": ["program", "device"],
}
_HISTORY = {
    "start": "2026-11-27T17:41:00Z",
    "step_s": 60,
    "requests": [12.0, None],
    "p50_ms": [1.6, None],
    "p99_ms": [840.2, None],
    "answers": [1.0, None],
    "tokens": [120.0, None],
    "tokens_per_second": [7.31, None],
    "first_token_s": [0.86, None],
    "memory_mb": [2310.0, None],
    "cpu_percent": [31.0, None],
    "temperature_c": [58.4, None],
}
_LINE = {
    "at": "2026-11-27T18:40:11.031Z",
    "level": "warning",
    "process": "api",
    "logger": "pisovereign.jobs.periodic",
    "request_id": "-",
    "text": "the calendar: it does not answer",
}


class LogQuery(msgspec.Struct, frozen=True):
    """How severe the lines have to be at least, and how many are wanted."""

    level: Level = "info"
    limit: Annotated[int, Meta(ge=1, le=1000)] = 200


class LogLines(msgspec.Struct, frozen=True):
    """The newest lines, the oldest of them first."""

    lines: list[LogLine]


class RestartWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The part that is to be started again."""

    target: Target = "program"


class RestartBegun(msgspec.Struct, frozen=True):
    """The part that is about to be started again, and since when the present one runs."""

    target: Target
    asked_at: dt.datetime


class DeviceRoutes(Routes, tag="System"):
    """The device over HTTP.

    Args:
        overview: What there is to see.
        history: How it was.
        log: The folder with the latest lines of every process.
        power: Starts things again.
        audit: Is told of it.
    """

    def __init__(
        self,
        overview: OverviewReader,
        history: HistoryStore,
        log: Path,
        power: Power,
        audit: AuditLog,
    ) -> None:
        self._overview = overview
        self._history = history
        self._log = log
        self._power = power
        self._audit = audit

    @route(
        "GET",
        "/v1/system/overview",
        summary="See the state of the device",
        scope="admin",
        example=Example(response=_OVERVIEW),
    )
    async def system_overview(self, req: Request, resp: Response) -> Overview:
        """Show what runs, how warm, full and busy the device is, and how fast the model answers.

        Sizes of memory are in MiB, others in bytes. `speed` is an average since the start.
        """
        return await self._overview.read()

    @route(
        "GET",
        "/v1/system/history",
        summary="See how busy the device was",
        scope="admin",
        example=Example(response=_HISTORY),
    )
    async def system_history(self, req: Request, resp: Response, query: HistoryQuery) -> History:
        """Show the last hour in minutes (`span=hour`), or the last day in quarters of an hour.

        Each list has one value for each step of `step_s` seconds since `start`. A sample of each
        minute is kept for about a day, and lost when the device is switched off without warning.
        """
        return await self._history.read(query.span)

    @route(
        "GET",
        "/v1/system/log",
        summary="Read the latest lines of the log",
        scope="admin",
        example=Example(response={"lines": [_LINE]}),
    )
    async def system_log(self, req: Request, resp: Response, query: LogQuery) -> LogLines:
        """Show the newest lines of at least a `level` (`debug`, `info`, `warning`, `error`).

        They never hold the text of a message or a key. Lines of the supervisor, the API, the engine
        and the runner are kept in memory, 256 KiB of each; on an appliance those of the API alone,
        and the device's journal has the rest.
        """
        lines = await asyncio.to_thread(read_recent_lines, self._log, query.level, query.limit)
        return LogLines(lines)

    @route(
        "POST",
        "/v1/system/restart",
        summary="Start the program or the device again",
        scope="admin",
        status=202,
        errors=(409,),
        fields={"target": "`program`, or `device`; `restartable` of the overview says which"},
        example=Example(
            request={"target": "program"},
            response={"target": "program", "asked_at": "2026-11-27T18:40:11Z"},
        ),
    )
    async def restart(self, req: Request, resp: Response, body: RestartWish) -> RestartBegun:
        """Begin to start everything again; running answers are completed before.

        It is 409 where this cannot be done from here.
        """
        asked = dt.datetime.now(dt.UTC)
        await self._audit.record(
            req.context.user, "ran", kind="system", subject=body.target, what="restart"
        )
        await self._power.restart(body.target)
        return RestartBegun(body.target, asked)
