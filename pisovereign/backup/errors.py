"""Why a backup cannot be used.

BackupUnreadable               a StartError, all of them
├── WrongPassphrase            another passphrase opens the file
└── TooNew                     written by a newer program
"""

from __future__ import annotations

from pisovereign.errors import StartError


class BackupUnreadable(StartError):
    """The file is no backup, or not what was written."""


class WrongPassphrase(BackupUnreadable):
    """The passphrase is not the one that the file was written with."""


class TooNew(BackupUnreadable):
    """A newer program wrote the file, or the database in it."""
