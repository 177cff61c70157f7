"""Settings of `backup`: backups."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config.rules import setting


class BackupConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What `pisovereign-cli backup` does when it is not told otherwise."""

    folder: Annotated[
        str, setting("Folder for backups, better on another disk; empty: the command names it.")
    ] = ""
    keep: Annotated[int, setting("How many are kept there.", ge=1, le=10_000)] = 7
    passphrase_file: Annotated[
        str,
        setting("A file that holds the passphrase; else systemd's credential `backup_passphrase`."),
    ] = ""
