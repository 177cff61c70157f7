"""What each person chose: language, time zone, and how pages look."""

from __future__ import annotations

import asyncio
import zoneinfo
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec import UNSET

from pisovereign.accounts.types import FromBrowser, ProfilePatch, Theme
from pisovereign.languages import LANGUAGES
from pisovereign.storage.pool import Database, DatabaseSettings, open_database

_GET = "SELECT language, time_zone, theme FROM profiles WHERE user_id = %(user)s"
# What somebody chose stays; the browser only fills in what is empty.
_FILL = """
INSERT INTO profiles (user_id, language, time_zone) VALUES (%(user)s, %(language)s, %(zone)s)
ON CONFLICT (user_id) DO UPDATE SET
    language = coalesce(nullif(profiles.language, ''), excluded.language),
    time_zone = coalesce(nullif(profiles.time_zone, ''), excluded.time_zone)
"""
_CHANGE = """
INSERT INTO profiles (user_id, language, time_zone, theme)
VALUES (%(user)s, coalesce(%(language)s, ''), coalesce(%(zone)s, ''), coalesce(%(theme)s, 'system'))
ON CONFLICT (user_id) DO UPDATE SET
    language = coalesce(%(language)s, profiles.language),
    time_zone = coalesce(%(zone)s, profiles.time_zone),
    theme = coalesce(%(theme)s, profiles.theme)
"""


class ProfileStore:
    """Reads and writes profiles."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, user: UUID) -> tuple[str, str, Theme]:
        """Return language, time zone and theme; empty where nothing was chosen."""
        rows = await self._database.fetch(user, _GET, {"user": user})
        return (rows[0][0], rows[0][1], rows[0][2]) if rows else ("", "", "system")

    async def fill(self, user: UUID, browser: FromBrowser) -> None:
        """Take what a browser says, as far as it is known and nothing was chosen."""
        code = browser.language.partition("-")[0].lower()
        language = code if code in LANGUAGES else ""
        zone = browser.time_zone if browser.time_zone in zoneinfo.available_timezones() else ""
        if language or zone:
            values = {"user": user, "language": language, "zone": zone}
            async with self._database.transaction(user) as connection:
                await connection.execute(_FILL, values)

    async def change(self, user: UUID, patch: ProfilePatch) -> None:
        """Change what is given."""
        values: dict[str, Any] = {
            "user": user,
            "language": None if patch.language is UNSET else patch.language,
            "zone": None if patch.time_zone is UNSET else patch.time_zone,
            "theme": None if patch.theme is UNSET else patch.theme,
        }
        async with self._database.transaction(user) as connection:
            await connection.execute(_CHANGE, values)


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

    name = asyncio.run(read())
    return zoneinfo.ZoneInfo(name) if name in zoneinfo.available_timezones() else None
