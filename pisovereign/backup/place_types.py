"""Types of the routes of places for backups."""

from __future__ import annotations

import datetime as dt

import msgspec

from pisovereign.backup.health import PlaceHealth, Status
from pisovereign.backup.types import FileName


class BackupPlaces(msgspec.Struct, frozen=True, kw_only=True):
    """Backups by the schedule, and the places to which they go.

    Attributes:
        status: the worst of all places.
        last_good_at: when the newest was made that is known to be good, at any place.
        next_at: when the next one is made; null: never.
        running: whether one is being made, or waits to be sent again.
        passphrase: whether there is one.
        places: those that are connected.
    """

    status: Status
    last_good_at: dt.datetime | None
    next_at: dt.datetime | None
    running: bool
    passphrase: bool
    places: list[PlaceHealth]


class PlaceFile(msgspec.Struct, frozen=True):
    """A backup at a place: its name, its size in bytes, and when it was made, if its name tells."""

    name: str
    size: int
    made_at: dt.datetime | None


class PlaceFiles(msgspec.Struct, frozen=True):
    """The backups at a place, the newest first."""

    files: list[PlaceFile]


class Fetch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A backup that is to be brought here."""

    name: FileName


class Begun(msgspec.Struct, frozen=True):
    """That something was begun."""

    running: bool
