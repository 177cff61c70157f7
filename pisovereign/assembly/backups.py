"""Backups, as the page and programs see them, and as the schedule makes them."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from pisovereign.assembly.infrastructure import Infrastructure
from pisovereign.assembly.integrations import Integrations
from pisovereign.assembly.lifespan import Background
from pisovereign.audit.service import AuditLog
from pisovereign.backup.folder import BackupFolder
from pisovereign.backup.place_routes import BackupPlaceRoutes
from pisovereign.backup.place_service import BackupPlaceService
from pisovereign.backup.place_store import PlaceStore
from pisovereign.backup.places import PLACES, Places
from pisovereign.backup.retention import Rule
from pisovereign.backup.runs import BackupRuns, RunSettings
from pisovereign.backup.service import BackupService
from pisovereign.backup.staged import StagingPlace
from pisovereign.backup.timer import BackupTimer
from pisovereign.backup.warnings import BackupWarnings
from pisovereign.backup.work import BackupWork
from pisovereign.config import BackupConfig
from pisovereign.config.loading import data_dir
from pisovereign.connections.kinds import BACKUP
from pisovereign.connectors.connection_store import HOUSEHOLD
from pisovereign.notifications.owner_notices import OwnerNotices
from pisovereign.process.control import ControlClient


class Backups:
    """Everything about backups.

    Args:
        base: What it stands on.
        integrations: The places that are connected, and the settings that people saved.
        notices: Tells owners when something is wrong.
        control: The supervisor, which restores.

    Attributes:
        service: What the routes of backups here call.
        timer: Begins backups by the schedule, and knows how they get on.
        background: What goes on beside the requests.
    """

    def __init__(
        self,
        base: Infrastructure,
        integrations: Integrations,
        notices: OwnerNotices,
        control: ControlClient,
    ) -> None:
        self._base = base
        self._integrations = integrations
        config, folder = base.config, data_dir()
        here = BackupFolder(Path(config.backup.folder or folder / "backups"))
        self._work = BackupWork(here, config, folder)
        self._places = Places(
            {name: integrations.backup_places[f"backup_{name}"] for name in PLACES}
        )
        self.service = BackupService(config, folder, self._work, here, control)
        store = PlaceStore(base.sealer)
        warnings = BackupWarnings(database=base.database, store=store, notices=notices)
        self._runs = BackupRuns(
            database=base.database,
            store=store,
            staging=StagingPlace(config, folder),
            places=self._places,
            settings=self._run_settings,
            tell=warnings.failed,
            data_dir=folder,
            zone=base.runtime.time_zone,
        )
        self.timer = BackupTimer(
            database=base.database,
            store=store,
            runs=self._runs,
            places=self._places,
            settings=self._settings,
            zone=base.runtime.time_zone,
            warn=warnings.overdue,
            metrics=base.metrics.backup,
        )
        integrations.settings.when_changed(self._changed)
        self.background: list[Background] = [self._work, self._runs, self.timer]

    def place_routes(self, audit: AuditLog) -> BackupPlaceRoutes:
        """Return the routes of places."""
        service = BackupPlaceService(
            places=self._places,
            runs=self._runs,
            timer=self.timer,
            work=self._work,
            has_passphrase=lambda: bool(self._run_settings().passphrase),
        )
        return BackupPlaceRoutes(service, audit)

    async def _changed(self, kind: str, owner: UUID) -> None:
        if kind == BACKUP.name:
            self.timer.wake()

    def _settings(self) -> BackupConfig:
        """Return what holds now: as it was saved, or as the configuration says."""
        section: BackupConfig = self._integrations.settings.section(BACKUP, HOUSEHOLD)
        return section

    def _run_settings(self) -> RunSettings:
        section = self._settings()
        rule = Rule(section.keep_daily, section.keep_weekly, section.keep_monthly)
        # A passphrase of a file or of systemd stays where none was saved.
        return RunSettings(section.passphrase or self._base.config.backup.passphrase, rule)
