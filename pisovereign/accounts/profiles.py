"""Each person's choices: language, time zone, and how pages look.

Each process has language and time zone of everybody in memory, and is told when one changes: by
itself, at once; by other processes with a notice, and by a look now and then in case that is lost.
"""

from __future__ import annotations

import asyncio
import zoneinfo
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from msgspec import UNSET

from pisovereign.accounts.types import FromBrowser, ProfilePatch, Theme
from pisovereign.events.notify_listener import NotifyListener
from pisovereign.events.wakeups import Wakeups
from pisovereign.jobs.following import FollowingTask
from pisovereign.languages import LANGUAGES, Language
from pisovereign.locales import NOWHERE, Locale, Locales
from pisovereign.storage.pool import Connection, Database, DatabaseSettings, open_database

_GET = "SELECT language, time_zone, theme FROM profiles WHERE user_id = %(user)s"
# What somebody chose stays; the browser only fills in what is empty.
_FILL = """
INSERT INTO profiles (user_id, language, time_zone) VALUES (%(user)s, %(language)s, %(zone)s)
ON CONFLICT (user_id) DO UPDATE SET
    language = coalesce(nullif(profiles.language, ''), excluded.language),
    time_zone = coalesce(nullif(profiles.time_zone, ''), excluded.time_zone)
WHERE (profiles.language = '' AND excluded.language <> '')
    OR (profiles.time_zone = '' AND excluded.time_zone <> '')
"""
_CHANGE = """
INSERT INTO profiles (user_id, language, time_zone, theme)
VALUES (%(user)s, coalesce(%(language)s, ''), coalesce(%(zone)s, ''), coalesce(%(theme)s, 'system'))
ON CONFLICT (user_id) DO UPDATE SET
    language = coalesce(%(language)s, profiles.language),
    time_zone = coalesce(%(zone)s, profiles.time_zone),
    theme = coalesce(%(theme)s, profiles.theme)
"""


# What notices about profiles are about: no user and no stream has it.
ABOUT = UUID("00000000-0000-4000-8000-00000009f11e")
_LOOK_S = 60.0


class ProfileStore:
    """Reads and writes profiles; see `Profiles` for who tells of changes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, user: UUID) -> tuple[str, str, Theme]:
        """Return language, time zone and theme; empty where nothing was chosen."""
        rows = await self._database.fetch(user, _GET, {"user": user})
        return (rows[0][0], rows[0][1], rows[0][2]) if rows else ("", "", "system")

    async def fill(self, connection: Connection, user: UUID, browser: FromBrowser) -> bool:
        """Take what a browser says, where nothing was chosen; return whether that changed it."""
        code = browser.language.partition("-")[0].lower()
        language = code if code in LANGUAGES else ""
        known = zoneinfo.available_timezones().difference(NOWHERE)
        zone = browser.time_zone if browser.time_zone in known else ""
        if not language and not zone:
            return False
        values = {"user": user, "language": language, "zone": zone}
        return (await connection.execute(_FILL, values)).rowcount > 0

    async def change(self, connection: Connection, user: UUID, patch: ProfilePatch) -> None:
        """Change what is given."""
        values: dict[str, Any] = {
            "user": user,
            "language": None if patch.language is UNSET else patch.language,
            "zone": None if patch.time_zone is UNSET else patch.time_zone,
            "theme": None if patch.theme is UNSET else patch.theme,
        }
        await connection.execute(_CHANGE, values)


class ReadLanguages:
    """Languages that people read.

    Args:
        store: What they chose.
        otherwise: Returns what is written to those who chose none.
    """

    def __init__(self, store: ProfileStore, otherwise: Callable[[], Language]) -> None:
        self._store = store
        self._otherwise = otherwise

    async def of(self, user: UUID) -> Language:
        """Return what a user reads."""
        return (await self._store.get(user))[0] or self._otherwise()


class Profiles:
    """Profiles, and what of them all that is told to people depends on.

    Args:
        database: Where they are.
        locales: Is told everybody's language and time zone.
        users: Everybody.
        listener: Lets other processes know, and hears of them.
        wakeups: Tells of what other processes did.
    """

    def __init__(
        self,
        database: Database,
        locales: Locales,
        users: Sequence[UUID],
        *,
        listener: NotifyListener,
        wakeups: Wakeups,
    ) -> None:
        self._database = database
        self._store = ProfileStore(database)
        self._locales = locales
        self._users = users
        self._listener = listener
        following = FollowingTask(
            self.load, "profiles are not read", wakeups=wakeups, about=ABOUT, look_s=_LOOK_S
        )
        self.start, self.stop = following.start, following.stop

    async def get(self, user: UUID) -> tuple[str, str, Theme]:
        """Return language, time zone and theme; empty where nothing was chosen."""
        return await self._store.get(user)

    async def fill(self, user: UUID, browser: FromBrowser) -> None:
        """Take what a browser says, as far as it is known and nothing was chosen."""
        async with self._database.transaction(user) as connection:
            if not await self._store.fill(connection, user, browser):
                return
            await self._listener.notify(connection, ABOUT)
        await self._read(user)

    async def change(self, user: UUID, patch: ProfilePatch) -> None:
        """Change what is given; it holds in this process when this returns."""
        async with self._database.transaction(user) as connection:
            await self._store.change(connection, user, patch)
            await self._listener.notify(connection, ABOUT)
        await self._read(user)

    async def load(self) -> None:
        """Read everybody's.

        Raises:
            ServiceUnavailable: The database is away.
        """
        for user in tuple(self._users):
            await self._read(user)

    async def _read(self, user: UUID) -> None:
        language, zone, _ = await self._store.get(user)
        self._locales.put(user, Locale(known_language(language), known_zone(zone)))


def known_language(code: str) -> Language | None:
    """Return a language by its code; None: there is no data for it."""
    return next((language for language in LANGUAGES if language == code), None)


def known_zone(name: str) -> zoneinfo.ZoneInfo | None:
    """Return a time zone by its name; None: this machine knows none of that name."""
    return zoneinfo.ZoneInfo(name) if name in zoneinfo.available_timezones() else None


def chosen_zone(
    settings: DatabaseSettings, dsn: str, users: Sequence[UUID]
) -> zoneinfo.ZoneInfo | None:
    """Open the database once, and return the zone of the first of these people who chose one.

    Returns:
        None where nobody did.

    Raises:
        StartError: The database cannot be opened.
    """

    async def read() -> str:
        database = await open_database(settings, dsn)
        try:
            chosen = [(await ProfileStore(database).get(user))[1] for user in users]
        finally:
            await database.close()
        return next(filter(None, chosen), "")

    return known_zone(asyncio.run(read()))
