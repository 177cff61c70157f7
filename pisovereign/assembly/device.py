"""Construction of what tells of the device that the program runs on."""

from __future__ import annotations

from collections.abc import Mapping

from pisovereign.assembly.infrastructure import Infrastructure
from pisovereign.audit.service import AuditLog
from pisovereign.backup.health import BackupHealth
from pisovereign.backup.timer import BackupTimer
from pisovereign.config.loading import data_dir
from pisovereign.health import Check, ServiceHealth
from pisovereign.process.control import ControlClient
from pisovereign.runner.client import RunnerClient
from pisovereign.runner.privileged import COMMANDS
from pisovereign.system.device_routes import DeviceRoutes
from pisovereign.system.history import HistoryStore, Sampler
from pisovereign.system.overview import OverviewReader
from pisovereign.system.power import Power, Target
from pisovereign.system.usage import Usage
from pisovereign.telemetry.multiprocess import log_folder


class Device:
    """The measurements of the device, and the means to start it or the program again.

    Args:
        base: The infrastructure.
        control: The supervisor, if there is one.
        backups: Knows how backups get on.
    """

    def __init__(self, base: Infrastructure, control: ControlClient, backups: BackupTimer) -> None:
        runtime = base.runtime
        self.usage = Usage(runtime.root_pid, runtime.service_groups)
        self._base = base
        self._backups = backups
        self._store = HistoryStore(base.database)
        self.sampler = Sampler(self._store, base.metrics_service, self.usage)
        runner = RunnerClient(runtime.runner_socket, runtime.privileged_socket)
        privileged: dict[Target, tuple[str, ...]] = {}
        if runtime.privileged_socket is not None:
            privileged = {"program": COMMANDS["restart"], "device": COMMANDS["reboot"]}
        self._power = Power(control, runner.run, privileged)

    def routes(
        self, checks: Mapping[str, Check | ServiceHealth | None], audit: AuditLog
    ) -> DeviceRoutes:
        """Return its routes; `checks` are those of every service."""
        folder = data_dir()
        overview = OverviewReader(
            environment=self._base.config.server.environment,
            database=self._base.database,
            metrics=self._base.metrics_service,
            usage=self.usage,
            checks=checks,
            power=self._power,
            backup=self._backup_health,
            folders={"data": folder, "models": self._base.model_store.root},
        )
        return DeviceRoutes(overview, self._store, log_folder(folder), self._power, audit)

    async def _backup_health(self) -> BackupHealth:
        return (await self._backups.outlook()).health
