"""Outcomes of backups at each place, in PostgreSQL; the household's, with sealed errors."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec

from pisovereign.errors import SealError
from pisovereign.storage.pool import Connection
from pisovereign.storage.sealing import Sealer

_READ = """
SELECT place, good_at, good_name, good_bytes, failed_at, key_id, error, told_at
FROM backup_places WHERE user_id = %(user)s
"""
_GOOD = """
INSERT INTO backup_places (user_id, place, good_at, good_name, good_bytes)
VALUES (%(user)s, %(place)s, %(at)s, %(name)s, %(bytes)s)
ON CONFLICT (user_id, place) DO UPDATE
SET good_at = excluded.good_at, good_name = excluded.good_name, good_bytes = excluded.good_bytes,
    failed_at = NULL, key_id = NULL, error = NULL, told_at = NULL
"""
_FAILED = """
INSERT INTO backup_places AS place (user_id, place, failed_at, key_id, error)
VALUES (%(user)s, %(place)s, now(), %(key)s, %(error)s)
ON CONFLICT (user_id, place) DO UPDATE
SET failed_at = coalesce(place.failed_at, now()), key_id = excluded.key_id, error = excluded.error
"""
_TOLD = """
INSERT INTO backup_places (user_id, place, told_at) VALUES (%(user)s, %(place)s, now())
ON CONFLICT (user_id, place) DO UPDATE SET told_at = now()
"""
_MEET = """
INSERT INTO backup_schedule AS schedule (user_id, times, since, seen_to)
VALUES (%(user)s, %(times)s, clock_timestamp(), clock_timestamp())
ON CONFLICT (user_id) DO UPDATE
SET times = excluded.times, since = excluded.since, seen_to = excluded.seen_to
WHERE schedule.times <> excluded.times
"""
# Locked: one process at a time sees to it, and the next one finds that it is done.
_LOOK = """
SELECT since, seen_to, clock_timestamp() FROM backup_schedule WHERE user_id = %(user)s FOR UPDATE
"""
_SEE_TO = "UPDATE backup_schedule SET seen_to = %(at)s WHERE user_id = %(user)s"
_FORGET = "DELETE FROM backup_schedule WHERE user_id = %(user)s"


class PlaceState(msgspec.Struct, frozen=True, kw_only=True):
    """The state of backups at one place; `error` is the last one, since `failed_at`."""

    place: str
    good_at: dt.datetime | None = None
    good_name: str | None = None
    good_bytes: int | None = None
    failed_at: dt.datetime | None = None
    error: str | None = None
    told_at: dt.datetime | None = None


class Seen(msgspec.Struct, frozen=True):
    """Since when a schedule holds, up to when it was seen to, and what time it is."""

    since: dt.datetime
    seen_to: dt.datetime
    now: dt.datetime


class PlaceStore:
    """The SQL; each call is part of a transaction of the owner.

    Args:
        sealer: Seals errors, which name servers and folders.
    """

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    async def places(self, connection: Connection, owner: UUID) -> dict[str, PlaceState]:
        """Return what is known, by place."""
        rows = await (await connection.execute(_READ, {"user": owner})).fetchall()
        return {row[0]: self._state(owner, row) for row in rows}

    async def good(
        self,
        connection: Connection,
        owner: UUID,
        place: str,
        *,
        name: str,
        size: int,
        at: dt.datetime,
    ) -> None:
        """Note that a backup is at a place, whole."""
        values = {"user": owner, "place": place, "name": name, "bytes": size, "at": at}
        await connection.execute(_GOOD, values)

    async def failed(self, connection: Connection, owner: UUID, place: str, error: str) -> None:
        """Note why a backup is not at a place."""
        sealed = self._sealer.seal(error, aad=_binding(owner, place))
        values = {"user": owner, "place": place, "key": sealed.key_id, "error": sealed.data}
        await connection.execute(_FAILED, values)

    async def told(self, connection: Connection, owner: UUID, place: str) -> None:
        """Note that people were told."""
        await connection.execute(_TOLD, {"user": owner, "place": place})

    async def look(self, connection: Connection, owner: UUID, times: str) -> Seen:
        """Return how far a schedule was seen to; one that has changed begins now."""
        await connection.execute(_MEET, {"user": owner, "times": times})
        row = await (await connection.execute(_LOOK, {"user": owner})).fetchone()
        assert row is not None
        return Seen(*row)

    async def see_to(self, connection: Connection, owner: UUID, at: dt.datetime) -> None:
        """Note that all was seen to, up to a time."""
        await connection.execute(_SEE_TO, {"user": owner, "at": at})

    async def forget_schedule(self, connection: Connection, owner: UUID) -> None:
        """Forget a schedule that was switched off."""
        await connection.execute(_FORGET, {"user": owner})

    def _state(self, owner: UUID, row: tuple[Any, ...]) -> PlaceState:
        place, good_at, good_name, good_bytes, failed_at, key_id, sealed, told_at = row
        error: str | None = None
        if sealed is not None:
            try:
                error = self._sealer.open(bytes(sealed), key_id, _binding(owner, place))
            except SealError:
                error = ""
        return PlaceState(
            place=place,
            good_at=good_at,
            good_name=good_name,
            good_bytes=good_bytes,
            failed_at=failed_at,
            error=error,
            told_at=told_at,
        )


def _binding(owner: UUID, place: str) -> bytes:
    return b"backup_places.error" + owner.bytes + place.encode()
