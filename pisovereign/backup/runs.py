"""Runs: a backup is made, verified by a rehearsed restore, sent to every place, and old ones go.

A run is a durable job. Whoever takes one over goes on with the file that waits here, under the same
name, and skips the places that have it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid4, uuid5
from zoneinfo import ZoneInfo

from pisovereign.backup.make import dated_name, installation_key_id, name_beginning
from pisovereign.backup.passphrase import normalized
from pisovereign.backup.place_store import PlaceStore
from pisovereign.backup.places import HOUSEHOLD, Place, Places
from pisovereign.backup.retention import Rule, dated_backup, superfluous
from pisovereign.backup.staged import Staged, StagingPlace
from pisovereign.connectors.file_stores.server import digest
from pisovereign.connectors.file_stores.types import FileStore
from pisovereign.errors import Conflict, PiSovereignError, StartError, UpstreamError
from pisovereign.jobs.claim import ClaimedJob
from pisovereign.jobs.queue import JobQueue
from pisovereign.jobs.types import Abandoned, JobOutcome, NewJob, QueueSettings, Retry, Settled
from pisovereign.jobs.worker import Timing, Worker
from pisovereign.process.instance_lock import only_backup
from pisovereign.storage.pool import Connection, Database

QUEUE = QueueSettings(name="backups", repeats=True, ordered=True, most_waiting=3)
_TIMING = Timing(lease_s=30.0, renew_s=10.0, idle_s=30.0, ending_s=1.0)
# Pauses before a place that failed is tried again, in seconds; then it is told.
_PAUSES_S = (60.0, 600.0, 1800.0)
_BUSY_S = 15.0
_RUN = UUID("0a4c9a5e-7f2e-4a53-8a0e-5f6b1c2d3e4f")
_log = logging.getLogger(__name__)


class RunSettings(NamedTuple):
    """The settings of a run: the passphrase, empty if there is none, and which backups stay."""

    passphrase: str
    rule: Rule


class _Parts(NamedTuple):
    """The parts that a run works with."""

    database: Database
    store: PlaceStore
    staging: StagingPlace
    places: Places
    settings: Callable[[], RunSettings]
    tell: Callable[[Place, str], Awaitable[None]]


class BackupRuns:
    """The queue of runs, and the worker that does them.

    Args:
        database: Where runs wait.
        store: Notes what became of them.
        staging: Makes and verifies.
        places: Where backups go.
        settings: What holds now.
        tell: Tells people that a place has no new backup, and why.
        data_dir: The data folder.
        zone: Where days begin.
    """

    def __init__(
        self,
        *,
        database: Database,
        store: PlaceStore,
        staging: StagingPlace,
        places: Places,
        settings: Callable[[], RunSettings],
        tell: Callable[[Place, str], Awaitable[None]],
        data_dir: Path,
        zone: ZoneInfo,
    ) -> None:
        self._parts = _Parts(database, store, staging, places, settings, tell)
        self._data_dir = data_dir
        self._zone = zone
        self._queue = JobQueue(QUEUE)
        self._worker = Worker(
            self._queue,
            database,
            self,
            [HOUSEHOLD],
            timing=_TIMING,
            failure="backups wait",
            at_once=1,
        )
        self.start = self._worker.start
        self.stop = self._worker.stop

    async def add(self, connection: Connection, due: dt.datetime) -> None:
        """Have a backup made that was due at a time, once, in a transaction of the household."""
        job = NewJob(id=uuid5(_RUN, due.isoformat()), position=due)
        await self._queue.add(connection, HOUSEHOLD, job)
        self._parts.database.when_committed(connection, self._worker.wake)

    async def begin(self) -> None:
        """Have a backup made now.

        Raises:
            Conflict: No place is connected, there is no passphrase, or one is being made.
        """
        if not self._parts.places.connected():
            raise Conflict("No place for backups is connected")
        if not self._parts.settings().passphrase:
            raise Conflict("There is no passphrase for backups yet")
        async with self._parts.database.transaction(HOUSEHOLD) as connection:
            if await self._queue.any_open(connection, HOUSEHOLD):
                raise Conflict("A backup is being made")
            await self._queue.add(
                connection, HOUSEHOLD, NewJob(id=uuid4(), position=dt.datetime.now(dt.UTC))
            )
            self._parts.database.when_committed(connection, self._worker.wake)

    async def is_running(self) -> bool:
        """Return whether one is being made, or waits to be sent again."""
        async with self._parts.database.transaction(HOUSEHOLD) as connection:
            return await self._queue.any_open(connection, HOUSEHOLD)

    async def run(self, job: ClaimedJob) -> JobOutcome:
        """Do a run; what failed is tried again some times."""
        parts = self._parts
        connected, settings = parts.places.connected(), parts.settings()
        if not connected:
            return Settled("failed", "no place is connected")
        with contextlib.ExitStack() as holding:
            try:
                holding.enter_context(only_backup(self._data_dir))
            except StartError:
                return Retry(_BUSY_S)
            failed = await self._everywhere(job, connected, settings)
            if failed and job.attempt <= len(_PAUSES_S):
                return Retry(_PAUSES_S[job.attempt - 1], next(iter(failed.values())))
            parts.staging.clear()
        for place, error in failed.items():
            await parts.tell(place, error)
        if failed:
            return Settled("failed", next(iter(failed.values())))
        return Settled()

    async def abandoned(self, connection: Connection, job: Abandoned) -> None:
        """Nothing is abandoned: it is repeated, and does not expire."""

    async def _everywhere(
        self, job: ClaimedJob, connected: Sequence[Place], settings: RunSettings
    ) -> dict[Place, str]:
        """Make it and send it to each place; return what failed."""
        assert job.position is not None
        try:
            if not settings.passphrase:
                raise StartError("there is no passphrase for backups")
            key = installation_key_id(self._data_dir)
            name = dated_name(key, job.position.timestamp())
            passphrase = normalized(settings.passphrase).encode()
            staged = await self._parts.staging.ready(name, passphrase)
        except StartError as error:
            for place in connected:
                await self._note_failure(place, str(error))
            return dict.fromkeys(connected, str(error))
        failed: dict[Place, str] = {}
        for place in await self._lacking(connected, staged.name):
            try:
                await self._send(place, staged, key, settings.rule)
            except PiSovereignError as error:
                _log.warning("the backup is not at %s: %s", place, error.message)
                failed[place] = error.message
                await self._note_failure(place, error.message)
        return failed

    async def _lacking(self, connected: Sequence[Place], name: str) -> list[Place]:
        """Return the places that are not known to have a backup."""
        async with self._parts.database.transaction(HOUSEHOLD) as connection:
            known = await self._parts.store.places(connection, HOUSEHOLD)

        def has(place: Place) -> bool:
            state = known.get(place)
            return state is not None and state.good_name == name and state.failed_at is None

        return [place for place in connected if not has(place)]

    async def _send(self, place: Place, staged: Staged, key: str, rule: Rule) -> None:
        """Send a backup to a place unless it is there, and delete old ones."""
        beginning = name_beginning(key)
        with self._parts.places.using(place) as store:
            there = {file.name: file.size for file in await store.files()}
            if staged.name not in there:
                await store.tidy(beginning)
                await store.put(staged.name, self._parts.staging.path(staged), staged.sha256)
            elif not await _is_the_same(store, staged):
                raise UpstreamError(f"there is another file with the name {staged.name}")
            await self._note_success(place, staged)
            key8 = beginning.split("-")[1]
            names = {*there, staged.name}
            for old in superfluous(names, key8, rule, self._zone, {staged.name}):
                await store.delete(old)

    async def _note_success(self, place: Place, staged: Staged) -> None:
        dated = dated_backup(staged.name)
        assert dated is not None
        async with self._parts.database.transaction(HOUSEHOLD) as connection:
            await self._parts.store.good(
                connection,
                HOUSEHOLD,
                place,
                name=staged.name,
                size=staged.size,
                at=dated.made_at,
            )

    async def _note_failure(self, place: Place, error: str) -> None:
        async with self._parts.database.transaction(HOUSEHOLD) as connection:
            await self._parts.store.failed(connection, HOUSEHOLD, place, error)


async def _is_the_same(store: FileStore, staged: Staged) -> bool:
    return await digest(store.read(staged.name)) == staged.sha256
