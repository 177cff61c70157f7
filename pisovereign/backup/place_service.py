"""Backups by the schedule, as the page and programs see them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from pisovereign.backup.place_types import BackupPlaces, Begun, PlaceFile, PlaceFiles
from pisovereign.backup.places import Places
from pisovereign.backup.retention import dated_backup
from pisovereign.backup.runs import BackupRuns
from pisovereign.backup.timer import BackupTimer
from pisovereign.backup.types import NAME, BackupWorkState
from pisovereign.backup.work import BackupWork
from pisovereign.errors import NotFound

_NAME = re.compile(NAME)
_MOST_SHOWN = 500
_EARLY = dt.datetime(1, 1, 1, tzinfo=dt.UTC)


class BackupPlaceService:
    """The rules.

    Args:
        places: Where backups are.
        runs: Makes them.
        timer: Knows how they get on.
        work: Brings one here.
        has_passphrase: Whether there is one to make them with.
    """

    def __init__(
        self,
        *,
        places: Places,
        runs: BackupRuns,
        timer: BackupTimer,
        work: BackupWork,
        has_passphrase: Callable[[], bool],
    ) -> None:
        self._places = places
        self._runs = runs
        self._timer = timer
        self._work = work
        self._has_passphrase = has_passphrase

    async def overview(self) -> BackupPlaces:
        """Return how backups get on."""
        outlook = await self._timer.outlook()
        return BackupPlaces(
            status=outlook.health.status,
            last_good_at=outlook.health.last_good_at,
            next_at=outlook.next_at,
            running=await self._runs.is_running(),
            passphrase=self._has_passphrase(),
            places=outlook.places,
        )

    async def begin(self) -> Begun:
        """Have a backup made and sent to every place now.

        Raises:
            Conflict: No place is connected, there is no passphrase, or one is being made.
        """
        await self._runs.begin()
        return Begun(running=True)

    async def files(self, place: str) -> PlaceFiles:
        """Return the backups at a place, the newest first; at most 500.

        Raises:
            NotFound: There is no such place.
            NotConfigured: It is not connected.
            UpstreamError: It is away.
        """
        with self._places.using(place) as store:
            found = [file for file in await store.files() if _NAME.fullmatch(file.name)]
        listed = [PlaceFile(file.name, file.size, _made_at(file.name)) for file in found]
        listed.sort(key=lambda file: (file.made_at or _EARLY, file.name), reverse=True)
        return PlaceFiles(listed[:_MOST_SHOWN])

    async def fetch(self, place: str, name: str) -> BackupWorkState:
        """Begin to bring a backup here, into the folder of backups.

        Raises:
            NotFound: There is no such place, or no such backup.
            NotConfigured: The place is not connected.
            UpstreamError: It is away.
            Conflict: Something else is being done, or there is one of this name here.
        """
        with self._places.using(place) as store:
            size = next((file.size for file in await store.files() if file.name == name), None)
        if size is None:
            raise NotFound("No such backup")
        return self._work.fetch(name, size, lambda: self._places.using(place))


def _made_at(name: str) -> dt.datetime | None:
    dated = dated_backup(name)
    return dated.made_at if dated else None
