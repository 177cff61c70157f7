"""Updates of the system, as the page and programs see them."""

from __future__ import annotations

from pathlib import Path

from pisovereign.assembly.infrastructure import Infrastructure
from pisovereign.config.loading import data_dir
from pisovereign.jobs.one_process import OneProcess
from pisovereign.jobs.periodic import PeriodicTask
from pisovereign.notifications.owner_notices import OwnerNotices
from pisovereign.updates.automatic import AutomaticUpdates
from pisovereign.updates.board import Board
from pisovereign.updates.choice import Choices
from pisovereign.updates.order import UpdaterClient
from pisovereign.updates.outcome import UpdateOutcomes
from pisovereign.updates.service import UpdateService
from pisovereign.updates.work import UpdateWork


def build_updates(
    base: Infrastructure, notices: OwnerNotices
) -> tuple[UpdateService, UpdateWork, OneProcess]:
    """Return what the routes call, what works beside the requests, and what looks every night."""
    config, client = base.config.updates, base.outbound.client
    updater = UpdaterClient(Path(config.socket) if config.socket else None)
    board = Board(Path(config.root))
    work = UpdateWork(board, client, updater)
    choices = Choices(config, data_dir())
    service = UpdateService(config, board, client, updater=updater, work=work, choices=choices)
    parts: list[PeriodicTask] = []
    if updater.there:
        automatic = AutomaticUpdates(choices, service, base.runtime.time_zone)
        outcomes = UpdateOutcomes(board, notices)
        parts += [
            PeriodicTask(automatic.look, "updates are not looked for"),
            PeriodicTask(outcomes.look, "owners are not told of an update"),
        ]
    return service, work, OneProcess(data_dir() / "updates.lock", parts)
