"""Settings of `backup`: backups."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from pisovereign.config.rules import setting

SHORTEST_PASSPHRASE = 12


def _passphrase(value: str) -> str | None:
    if value and len(value) < SHORTEST_PASSPHRASE:
        return f"must have at least {SHORTEST_PASSPHRASE} characters"
    return None if value.isprintable() else "cannot hold line breaks or other control characters"


class BackupConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The defaults of `pisovereign-cli backup`, and the settings of backups by a schedule.

    The schedule sends to every place that is connected: `backup_folder` and those after it.
    """

    folder: Annotated[
        str, setting("Folder for backups, preferably on another disk; empty: named by the command.")
    ] = ""
    keep: Annotated[int, setting("Number of backups that are kept there.", ge=1, le=10_000)] = 7
    passphrase: Annotated[
        str,
        setting(
            "The passphrase of backups that are made by the schedule, at least 12 characters.",
            _passphrase,
            max_length=1000,
            secret=True,
        ),
    ] = ""
    passphrase_file: Annotated[
        str,
        setting(
            "A file that contains the passphrase; otherwise the systemd credential "
            "`backup_passphrase`."
        ),
    ] = ""
    schedule: Annotated[
        Literal["never", "daily", "weekly"],
        setting("How often a backup is made, and sent to each place that is connected."),
    ] = "never"
    weekday: Annotated[
        Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
        setting("The day of a weekly backup."),
    ] = "sunday"
    hour: Annotated[
        int, setting("The hour at which it is made, in `server.time_zone`.", ge=0, le=23)
    ] = 3
    keep_daily: Annotated[
        int, setting("Of so many days the newest backup is kept at each place.", ge=1, le=366)
    ] = 7
    keep_weekly: Annotated[
        int, setting("Of so many weeks the newest backup is kept, too.", ge=0, le=520)
    ] = 4
    keep_monthly: Annotated[
        int, setting("Of so many months the newest backup is kept, too.", ge=0, le=240)
    ] = 6
