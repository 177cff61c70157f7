"""Fade all memories up to today, as the API does on each day that it runs."""

from __future__ import annotations

from pathlib import Path

from pisovereign.api_keys import KeyRing, load_owner_key
from pisovereign.config import Config
from pisovereign.memory.decay import Decay
from pisovereign.storage.pool import open_database


async def fade_all(config: Config, data_dir: Path) -> int:
    """Fade every user's memories, and return how many became less important.

    Repeating it changes nothing, and the API notices what was changed.

    Raises:
        StartError: The database cannot be opened.
        ServiceUnavailable: The database went away.
    """
    keys = KeyRing(config.security, load_owner_key(config.security, data_dir))
    database = await open_database(config.database, config.database.url)
    decay = Decay(database, config.memory.half_life_days, config.memory.delete_below)
    faded = 0
    try:
        for user in keys.users():
            faded += (await decay.run(user)).decayed
    finally:
        await database.close()
    return faded
