"""Rules of schedules, as their user changes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from uuid import UUID, uuid4

import msgspec
from msgspec import UNSET, UnsetType

from pisovereign.agents.schedules.store import ScheduleStore, StoredSchedule
from pisovereign.agents.schedules.stored import StoredSchedules
from pisovereign.agents.schedules.types import (
    MOST_SCHEDULES,
    NewSchedule,
    Schedule,
    SchedulePatch,
    ShownSchedule,
)
from pisovereign.agents.service import TaskService
from pisovereign.agents.types import CreatedTask, NewTask
from pisovereign.api_keys import Identity
from pisovereign.errors import Conflict, NotFound, ValidationFailed
from pisovereign.languages import Language
from pisovereign.notifications.types import Way
from pisovereign.storage.pool import Connection, Database

_CONFIGURED = "This schedule is in the configuration, and is changed there"


class ScheduleService:
    """The rules; the timer begins what is due.

    Args:
        database: Where they are.
        store: Their SQL.
        stored: Makes schedules of what is stored.
        configured: Those of the configuration that are switched on.
        tasks: Takes tasks down.
        reaches: Whether a user can be told in a way.
        wake: Has the timer look again.
    """

    def __init__(
        self,
        *,
        database: Database,
        store: ScheduleStore,
        stored: StoredSchedules,
        configured: Sequence[Schedule],
        tasks: TaskService,
        reaches: Callable[[UUID, Way], bool],
        wake: Callable[[], None],
    ) -> None:
        self._database = database
        self._store = store
        self._stored = stored
        self._configured = configured
        self._tasks = tasks
        self._reaches = reaches
        self._wake = wake

    def require_enabled(self) -> None:
        """Go on only where tasks are switched on.

        Raises:
            ServiceUnavailable: they are not.
        """
        self._tasks.require_enabled()

    async def all(self, user: UUID) -> list[ShownSchedule]:
        """Return those that a user made, the oldest first, and those of the configuration."""
        async with self._database.transaction(user) as connection:
            stored = await self._store.all(connection, user)
        configured = [_configured(each) for each in self._configured if each.user == user]
        return [*(self._shown(user, each) for each in stored), *configured]

    async def create(self, user: UUID, new: NewSchedule) -> ShownSchedule:
        """Store one.

        Raises:
            ValidationFailed: Nobody can be told in one of the ways.
            Conflict: There are too many.
        """
        self._check_ways(user, new.deliver)
        schedule = uuid4()
        async with self._database.transaction(user, within_quota=True) as connection:
            await self._store.lock(connection, user)
            if len(await self._store.all(connection, user)) >= MOST_SCHEDULES:
                raise Conflict(f"There are {MOST_SCHEDULES} schedules already")
            await self._store.add(connection, user, schedule, f"schedule-{schedule.hex[:8]}", new)
            made = await self._get(connection, user, schedule)
        self._wake()
        return self._shown(user, made)

    async def change(self, user: UUID, schedule: UUID, patch: SchedulePatch) -> ShownSchedule:
        """Change the fields that are given; with another time it begins anew.

        Raises:
            ValidationFailed: Nothing is to be different, or nobody can be told so.
            NotFound: Unknown, or somebody else's.
            Conflict: It is one of the configuration.
        """
        if patch == SchedulePatch():
            raise ValidationFailed([{"field": "body", "error": "must name what is to change"}])
        self._check_ways(user, patch.deliver or ())
        async with self._database.transaction(user) as connection:
            if not await self._store.change(connection, user, schedule, patch):
                raise self._missing(user, schedule)
            changed = await self._get(connection, user, schedule)
        self._wake()
        return self._shown(user, changed)

    async def delete(self, user: UUID, schedule: UUID) -> None:
        """Delete one; its tasks stay.

        Raises:
            NotFound: Unknown, or somebody else's.
            Conflict: It is one of the configuration.
        """
        async with self._database.transaction(user) as connection:
            if not await self._store.delete(connection, user, schedule):
                raise self._missing(user, schedule)

    async def run(self, identity: Identity, schedule: UUID, otherwise: Language) -> CreatedTask:
        """Begin what a schedule asks for now, as a task of the person who asks.

        Raises:
            NotFound: Unknown, or somebody else's.
            Conflict: Too many tasks are not over.
        """
        shown = await self.all(identity.user_id)
        found = next((each for each in shown if each.id == schedule and each.description), None)
        if found is None:
            raise NotFound("No such schedule")
        return await self._tasks.create(identity, NewTask(description=found.description), otherwise)

    async def _get(self, connection: Connection, user: UUID, schedule: UUID) -> StoredSchedule:
        found = await self._store.get(connection, user, schedule)
        if found is None:
            raise NotFound("No such schedule")
        return found

    def _missing(self, user: UUID, schedule: UUID) -> Conflict | NotFound:
        own = [each for each in self._configured if each.user == user]
        if any(each.id == schedule for each in own):
            return Conflict(_CONFIGURED)
        return NotFound("No such schedule")

    def _check_ways(self, user: UUID, ways: Sequence[Way]) -> None:
        missing = [way for way in ways if not self._reaches(user, way)]
        if missing:
            error = f"{missing[0]} is not set up to tell you"
            raise ValidationFailed([{"field": "deliver", "error": error}])

    def _shown(self, user: UUID, stored: StoredSchedule) -> ShownSchedule:
        schedule = self._stored.schedule(user, stored)
        shown = _configured(schedule)
        unreadable: str | UnsetType = UNSET
        if stored.description is None:
            unreadable = "its text cannot be opened"
        return msgspec.structs.replace(
            shown,
            id=stored.id,
            enabled=stored.enabled,
            source="stored",
            next_at=shown.next_at if stored.enabled else None,
            error=unreadable,
        )


def _configured(schedule: Schedule) -> ShownSchedule:
    return ShownSchedule(
        id=schedule.id,
        name=schedule.name,
        description=schedule.description,
        cron=schedule.cron,
        time_zone=schedule.time_zone,
        enabled=True,
        deliver=schedule.deliver,
        source="config",
        next_at=schedule.times.next(dt.datetime.now(dt.UTC)),
    )
