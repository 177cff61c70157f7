"""The device as its owner sees it: what runs, how warm and how full it is, and how fast."""

from __future__ import annotations

import asyncio
import datetime as dt
import platform
import shutil
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Literal

import msgspec
import psutil

from pisovereign import __version__
from pisovereign.backup.health import BackupHealth
from pisovereign.engine_client.metrics import FIRST, WRITING
from pisovereign.health import Check, ServiceHealth, check_all
from pisovereign.metrics.service import MetricsService
from pisovereign.storage.pool import Database
from pisovereign.system.power import Power, Target
from pisovereign.system.sensors import Throttle, board, started_at, temperature_c, throttling
from pisovereign.system.usage import MIB, ProcessMemory, Usage

_DATABASE = "SELECT pg_database_size(current_database()), current_setting('server_version')"


class Versions(msgspec.Struct, frozen=True):
    """Versions of the program, and of what it stands on."""

    pisovereign: str
    python: str
    database: str
    kernel: str


class Memory(msgspec.Struct, frozen=True):
    """The machine's memory in MiB, and what each of our parts takes of it."""

    total_mb: int
    available_mb: int
    used_mb: int
    parts: list[ProcessMemory]


class Disk(msgspec.Struct, frozen=True):
    """The disk that something lies on, in bytes."""

    what: Literal["data", "models"]
    total: int
    free: int


class Speed(msgspec.Struct, frozen=True):
    """How fast the model answers, on average since the start; null before the first answer."""

    tokens_per_second: float | None
    first_token_s: float | None


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `GET /v1/system/overview`.

    `throttled` is what slows the board down now, and `throttled_before` what did since it started;
    null where the machine does not tell, as `temperature_c`. `backup` is how backups by the
    schedule get on. `restartable` is what may be started again from here.
    """

    board: str
    versions: Versions
    environment: str
    started_at: dt.datetime
    booted_at: dt.datetime
    services: dict[str, ServiceHealth]
    temperature_c: float | None
    throttled: list[Throttle] | None
    throttled_before: list[Throttle] | None
    cpu_percent: float
    processors: int
    memory: Memory
    disks: list[Disk]
    database_bytes: int
    backup: BackupHealth
    speed: Speed
    restartable: list[Target]


class OverviewReader:
    """Puts it together.

    Args:
        environment: As configured.
        database: Tells its size and version.
        metrics: The counts.
        usage: What the program takes.
        checks: Those of every service.
        power: What may be started again.
        backup: How backups by the schedule get on.
        folders: Where data and models are.
    """

    def __init__(
        self,
        *,
        environment: str,
        database: Database,
        metrics: MetricsService,
        usage: Usage,
        checks: Mapping[str, Check | ServiceHealth | None],
        power: Power,
        backup: Callable[[], Awaitable[BackupHealth]],
        folders: Mapping[Literal["data", "models"], Path],
    ) -> None:
        self._environment = environment
        self._database = database
        self._metrics = metrics
        self._usage = usage
        self._checks = checks
        self._power = power
        self._backup = backup
        self._folders = folders

    async def read(self) -> Overview:
        """Return the state now.

        Raises:
            ServiceUnavailable: The database is away.
        """
        services, (size, version), memory = await asyncio.gather(
            check_all(self._checks), self._stored(), asyncio.to_thread(self._memory)
        )
        slowed = throttling()
        now = slowed[0] if slowed else None
        before = slowed[1] if slowed else None
        versions = Versions(__version__, platform.python_version(), version, platform.release())
        uptime = dt.timedelta(seconds=int(self._metrics.uptime_s()))
        return Overview(
            board=board(),
            versions=versions,
            environment=self._environment,
            started_at=dt.datetime.now(dt.UTC).replace(microsecond=0) - uptime,
            booted_at=dt.datetime.fromtimestamp(int(started_at()), dt.UTC),
            services=services,
            temperature_c=temperature_c(),
            throttled=now,
            throttled_before=before,
            cpu_percent=self._usage.cpu_percent(),
            processors=psutil.cpu_count() or 1,
            memory=memory,
            disks=[_disk(what, path) for what, path in self._folders.items()],
            database_bytes=size,
            backup=await self._backup(),
            speed=self._speed(),
            restartable=self._power.targets(),
        )

    async def _stored(self) -> tuple[int, str]:
        async with self._database.system() as connection:
            row = await (await connection.execute(_DATABASE)).fetchone()
        return (int(row[0]), str(row[1]).split()[0]) if row else (0, "")

    def _memory(self) -> Memory:
        machine, parts = psutil.virtual_memory(), self._usage.processes()
        used = sum(part.memory_mb for part in parts)
        return Memory(round(machine.total / MIB), round(machine.available / MIB), used, parts)

    def _speed(self) -> Speed:
        totals = self._metrics.totals()
        writing = totals.value(f"{WRITING}_total")
        tokens = totals.value("inference_tokens_total", kind="completion")
        first = totals.mean(FIRST)
        return Speed(
            round(tokens / writing, 2) if writing else None, round(first, 2) if first else None
        )


def _disk(what: Literal["data", "models"], path: Path) -> Disk:
    while not path.is_dir():
        path = path.parent
    usage = shutil.disk_usage(path)
    return Disk(what, usage.total, usage.free)
