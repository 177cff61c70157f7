"""Settings of `documents`: files that people keep here."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config.rules import MIB, setting


class DocumentsConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of documents: what they may take, and how chat uses them."""

    file_bytes: Annotated[int, setting("Largest file, in bytes.", ge=MIB, le=128 * MIB)] = 32 * MIB
    quota_bytes: Annotated[
        int,
        setting("What all files of a user may take, in bytes; 0: no documents.", ge=0, le=1 << 40),
    ] = 512 * MIB
    quota_passages: Annotated[
        int,
        setting(
            "How many passages all documents of a user may have; a page has three or so.",
            ge=100,
            le=1_000_000,
        ),
    ] = 25_000
    upload_timeout_s: Annotated[
        float, setting("Time a client may take to send a file, in seconds.", ge=1, le=3600)
    ] = 300.0
    read_timeout_s: Annotated[
        float, setting("Time that reading a file may take, in seconds.", ge=1, le=3600)
    ] = 120.0
    read_memory_bytes: Annotated[
        int,
        setting("Memory that reading a file may take, in bytes.", ge=256 * MIB, le=16 * 1024 * MIB),
    ] = 1024 * MIB
    chat_limit: Annotated[
        int,
        setting(
            "Maximum number of passages that are added to a chat message; 0: none.", ge=0, le=10
        ),
    ] = 3
    index_bytes: Annotated[
        int,
        setting(
            "Memory of each API worker for the indexes of documents, in bytes.",
            ge=0,
            le=64 * 1024 * MIB,
        ),
    ] = 96 * MIB
