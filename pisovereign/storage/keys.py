"""Check that the key file and the database belong together.

A key is made only while the database knows none, so a lost key file is noticed at the start, before
anything is stored that the old key could never open.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from pisovereign.errors import StartError
from pisovereign.storage.pool import Database, DatabaseSettings, open_database
from pisovereign.storage.sealing import Sealer, load_key, load_or_create_key


async def require_matching_key(database: Database, path: Path) -> Sealer:
    """Return the sealer for the key in `path`, made and registered at the very first start.

    Raises:
        StartError: the key file is lost, unusable, or belongs to another database.
        ServiceUnavailable: the database is not reachable.
    """
    async with database.system() as connection:
        rows = await (await connection.execute("SELECT key_id FROM sealing_keys")).fetchall()
        sealer = _matching_sealer(path, {row[0] for row in rows})
        await connection.execute(
            "INSERT INTO sealing_keys (key_id) VALUES (%s) ON CONFLICT DO NOTHING",
            (sealer.key_id,),
        )
    return sealer


def _matching_sealer(path: Path, known: set[str]) -> Sealer:
    """Load the key, which must be one of `known`; only when none is known, it may be new."""
    if known and not path.exists():
        raise StartError(
            f"the key file {path} is missing, and stored messages cannot be read without it;"
            " restore it from a backup"
        )
    sealer = Sealer(load_or_create_key(path))
    if known and sealer.key_id not in known:
        raise StartError(
            f"the key file {path} (key {sealer.key_id}) is not the one this database was sealed"
            f" with (key {', '.join(sorted(known))}); restore the right one from a backup"
        )
    return sealer


def check_key(settings: DatabaseSettings, dsn: str, path: Path) -> bytes:
    """Open the database once, run `require_matching_key` on it and return the key.

    Raises:
        StartError: as `require_matching_key`, or the database cannot be opened.
    """

    async def check() -> None:
        database = await open_database(settings, dsn)
        try:
            await require_matching_key(database, path)
        finally:
            await database.close()

    asyncio.run(check())
    return load_key(path)
