"""Tells owners that there is no good backup, or no recent one: not more than once in some days."""

from __future__ import annotations

import datetime as dt
import functools
from typing import Literal
from uuid import UUID, uuid5

import msgspec

from pisovereign.backup.place_store import PlaceStore
from pisovereign.backup.places import HOUSEHOLD, PLACES
from pisovereign.connectors.texts import load_words
from pisovereign.languages import Language, load_data
from pisovereign.notifications.owner_notices import OwnerNotice, OwnerNotices
from pisovereign.storage.pool import Database

_AGAIN = dt.timedelta(days=7)
_ABOUT = UUID("7d9f3a52-0b1e-4a0c-8d5e-1c6a4b2e9f70")
Reason = Literal["failed", "old", "nowhere"]


class BackupWarning(msgspec.Struct, frozen=True, kw_only=True):
    """The event that somebody has to see to backups.

    `place` is `nowhere` where a schedule has no place to send to. `error` is why a backup is not at
    the place; `last_good_at` when the last one there was made.
    """

    place: str
    reason: Reason
    error: str | None
    last_good_at: dt.datetime | None


class BackupWarnings:
    """Tells owners, in the ways in which they want to be told of what waits for them.

    Args:
        database: Where it is noted when they were told.
        store: Its SQL.
        notices: What tells them.
    """

    def __init__(
        self,
        *,
        database: Database,
        store: PlaceStore,
        notices: OwnerNotices,
    ) -> None:
        self._database = database
        self._store = store
        self._notices = notices

    async def failed(self, place: str, error: str) -> None:
        """Tell that a backup did not reach a place, and why."""
        await self._tell(place, "failed", error)

    async def overdue(self, place: str, reason: Reason) -> None:
        """Tell that the last good backup is old, or that there is no place to send one to."""
        await self._tell(place, reason, None)

    async def _tell(self, place: str, reason: Reason, error: str | None) -> None:
        async with self._database.transaction(HOUSEHOLD) as connection:
            state = (await self._store.places(connection, HOUSEHOLD)).get(place)
        now = dt.datetime.now(dt.UTC)
        if state is not None and state.told_at is not None and now - state.told_at < _AGAIN:
            return
        warning = BackupWarning(
            place=place, reason=reason, error=error, last_good_at=state.good_at if state else None
        )
        await self._notices.tell(
            OwnerNotice(
                about="backup",
                subject=uuid5(_ABOUT, place),
                number=now.toordinal() * 10,
                event="backup_warning",
                data=warning,
                text=functools.partial(warning_text, warning=warning),
            )
        )
        # Last: whoever ends before has them told again, which the outbox sends once a day.
        async with self._database.transaction(HOUSEHOLD) as connection:
            await self._store.told(connection, HOUSEHOLD, place)


def warning_text(language: Language, warning: BackupWarning) -> str:
    """Return what a warning says."""
    words: dict[str, str] = load_data(language, "page")["backup_warnings"]
    named = warning.place in PLACES
    title = load_words(language).of(f"backup_{warning.place}", "title") if named else ""
    last = warning.last_good_at
    since = words["last"].format(day=last.date().isoformat()) if last else words["never"]
    said = words[warning.reason].format(place=title, error=warning.error or "")
    return f"{said} {since}"
