"""Whether there are good backups by the schedule, and recent ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from pisovereign.backup.place_store import PlaceState

# One that is missed may have been made good a little later.
_OLD_AFTER = {"daily": dt.timedelta(days=2), "weekly": dt.timedelta(days=9)}
Status = Literal["off", "nowhere", "waiting", "good", "failing", "old"]
"""`nowhere`: there is a schedule, and no place to send to. `waiting`: the first one is to come."""


class PlaceHealth(msgspec.Struct, frozen=True, kw_only=True):
    """How backups get on at one place.

    `good_at` is when the last backup that is there whole was made; `error` is why none came since
    `failed_at`.
    """

    place: str
    status: Status
    good_at: dt.datetime | None
    good_name: str | None
    good_bytes: int | None
    failed_at: dt.datetime | None
    error: str | None


class BackupHealth(msgspec.Struct, frozen=True, kw_only=True):
    """How backups by the schedule get on: the worst of all places.

    `last_good_at` is the time of the newest that is known to be good, at any place.
    """

    status: Status
    last_good_at: dt.datetime | None


def place_health(
    state: PlaceState, schedule: str, since: dt.datetime | None, now: dt.datetime
) -> PlaceHealth:
    """Return how backups get on at one place.

    Args:
        state: What is known of it.
        schedule: How often one is made.
        since: Since when; None: it is not known yet.
        now: The time.
    """
    return PlaceHealth(
        place=state.place,
        status=_status(state, schedule, since, now),
        good_at=state.good_at,
        good_name=state.good_name,
        good_bytes=state.good_bytes,
        failed_at=state.failed_at,
        error=state.error if state.failed_at else None,
    )


def _status(
    state: PlaceState, schedule: str, since: dt.datetime | None, now: dt.datetime
) -> Status:
    if state.failed_at is not None:
        return "failing"
    limit = _OLD_AFTER.get(schedule)
    if limit is None:
        return "good" if state.good_at else "off"
    if state.good_at is not None and now - state.good_at <= limit:
        return "good"
    # One that was switched on, or changed, has that long for its first.
    return "old" if since is not None and now - since > limit else "waiting"


def whole_health(
    places: Sequence[PlaceHealth], known: Mapping[str, PlaceState], schedule: str
) -> BackupHealth:
    """Return how backups get on: the worst of the places that are connected."""
    last = max((each.good_at for each in known.values() if each.good_at), default=None)
    if schedule not in _OLD_AFTER:
        return BackupHealth(status="off", last_good_at=last)
    if not places:
        return BackupHealth(status="nowhere", last_good_at=last)
    order: tuple[Status, ...] = ("failing", "old", "waiting", "good", "off")
    worst = min((each.status for each in places), key=order.index)
    return BackupHealth(status=worst, last_good_at=last)


def is_bad(status: Status) -> bool:
    """Return whether somebody has to see to it."""
    return status in ("failing", "old", "nowhere")
