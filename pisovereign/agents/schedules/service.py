"""Rules of schedules, as their user changes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from uuid import UUID, uuid4

from msgspec import UNSET

from pisovereign.agents.schedules.store import ScheduleStore
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
        store: All of them.
        tasks: Takes tasks down.
        reaches: Whether a user can be told in a way.
        wake: Has the timer look again.
    """

    def __init__(
        self,
        *,
        database: Database,
        store: ScheduleStore,
        tasks: TaskService,
        reaches: Callable[[UUID, Way], bool],
        wake: Callable[[], None],
    ) -> None:
        self._database = database
        self._store = store
        self._tasks = tasks
        self._reaches = reaches
        self._wake = wake
        self.require_enabled = tasks.require_enabled

    async def all(self, user: UUID) -> list[ShownSchedule]:
        """Return those that a user made, the oldest first, and those of the configuration."""
        async with self._database.transaction(user) as connection:
            return [_shown(each) for each in await self._store.all(connection, user)]

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
            there = await self._store.all(connection, user)
            if sum(each.stored_as is not None for each in there) >= MOST_SCHEDULES:
                raise Conflict(f"There are {MOST_SCHEDULES} schedules already")
            name = f"schedule-{schedule.hex[:8]}"
            made = await self._store.add(connection, user, schedule, name, new)
        self._wake()
        return _shown(made)

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
            changed = await self._store.change(connection, user, schedule, patch)
            if changed is None:
                raise await self._missing(connection, user, schedule)
        self._wake()
        return _shown(changed)

    async def delete(self, user: UUID, schedule: UUID) -> None:
        """Delete one; its tasks stay.

        Raises:
            NotFound: Unknown, or somebody else's.
            Conflict: It is one of the configuration.
        """
        async with self._database.transaction(user) as connection:
            if not await self._store.delete(connection, user, schedule):
                raise await self._missing(connection, user, schedule)

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

    async def _missing(
        self, connection: Connection, user: UUID, schedule: UUID
    ) -> Conflict | NotFound:
        there = await self._store.all(connection, user)
        if any(each.id == schedule and each.stored_as is None for each in there):
            return Conflict(_CONFIGURED)
        return NotFound("No such schedule")

    def _check_ways(self, user: UUID, ways: Sequence[Way]) -> None:
        missing = [way for way in ways if not self._reaches(user, way)]
        if missing:
            error = f"{missing[0]} is not set up to tell you"
            raise ValidationFailed([{"field": "deliver", "error": error}])


def _shown(schedule: Schedule) -> ShownSchedule:
    return ShownSchedule(
        id=schedule.stored_as or schedule.id,
        name=schedule.name,
        description=schedule.description,
        cron=schedule.cron,
        time_zone=schedule.time_zone,
        enabled=schedule.enabled,
        deliver=schedule.deliver,
        source="stored" if schedule.stored_as else "config",
        next_at=schedule.times.next(dt.datetime.now(dt.UTC)) if schedule.enabled else None,
        error=UNSET if schedule.description else "its text cannot be opened",
    )
