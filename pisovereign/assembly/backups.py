"""Backups, as the page and programs see them."""

from __future__ import annotations

from pathlib import Path

from pisovereign.assembly.infrastructure import Infrastructure
from pisovereign.backup.folder import BackupFolder
from pisovereign.backup.service import BackupService
from pisovereign.backup.work import BackupWork
from pisovereign.config.loading import data_dir
from pisovereign.process.control import ControlClient


def build_backups(base: Infrastructure, control: ControlClient) -> tuple[BackupService, BackupWork]:
    """Return what the routes call, and what works beside the requests."""
    config, place = base.config, data_dir()
    folder = BackupFolder(Path(config.backup.folder or place / "backups"))
    work = BackupWork(folder, config, place)
    return BackupService(config, place, work, folder, control), work
