"""Settings of `backup`: backups."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config.rules import setting


class BackupConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What `pisovereign-cli backup` does when it is not told otherwise."""

    folder: Annotated[
        str, setting("Folder for backups, preferably on another disk; empty: named by the command.")
    ] = ""
    keep: Annotated[int, setting("Number of backups that are kept there.", ge=1, le=10_000)] = 7
    passphrase_file: Annotated[
        str,
        setting(
            "A file that contains the passphrase; otherwise the systemd credential "
            "`backup_passphrase`."
        ),
    ] = ""
