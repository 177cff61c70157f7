"""Settings of `database`: where everything is stored."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config.rules import MIB, setting


class DatabaseConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Where everything is stored."""

    url: Annotated[
        str,
        setting("A PostgreSQL server with pgvector; empty: the embedded one.", secret=True),
    ] = ""
    owner_url: Annotated[
        str,
        setting(
            "URL with the role that owns the tables, for backups; empty: `database.url`.",
            secret=True,
        ),
    ] = ""
    pool_size: Annotated[int, setting("Database connections of each API worker.", ge=1, le=64)] = 8
    statement_timeout_s: Annotated[
        float, setting("Longest time that one statement may take, in seconds.", ge=0.1, le=600)
    ] = 10.0
    user_quota_bytes: Annotated[
        int,
        setting(
            "What a user may keep, but for the files of documents, in bytes; 0: no limit.",
            ge=0,
            le=1 << 40,
        ),
    ] = 512 * MIB
