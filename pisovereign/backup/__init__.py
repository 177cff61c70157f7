"""Backups: everything an installation stores, in one encrypted file, and back.

encryption.py   an encrypted stream of bytes, readable with a passphrase
format.py       the records in that stream, and their order
dump.py, load.py   a database to records, as it was at one moment, and records to a database
make.py         an installation to a file; how many files are kept
restore.py      a file to an installation, after it was verified completely
switch.py       the moment at which the new takes the place of the old
passphrase.py   where the passphrase comes from
errors.py       why a backup cannot be used
rehearse.py     a restore into a scratch place, compared and thrown away
retention.py    which backups stay

By the schedule, `timer.py` begins runs, `runs.py` does them (`staged.py` makes and verifies the
file), and `warnings.py` tells owners when there is no good one; `places.py` are those that are
connected.

An appliance, whose parts belong to several accounts, loads them itself: see `appliance/restore.py`.
"""

__all__ = [
    "errors",
    "format",
    "health",
    "load",
    "make",
    "passphrase",
    "rehearse",
    "restore",
    "restore_state",
    "retention",
    "switch",
]
