"""Fingerprints of a database's tables: equal exactly if their rows are.

A table's rows have no order, so their hashes are added up. Where something is compared, it is what
was read when a backup was made with what a restored database gives.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import msgspec

from pisovereign.backup.format import Record, Rows, Sequences, Table, TableEnd

_BYTES = 32


class TableFingerprint(msgspec.Struct, frozen=True):
    """How many rows a table has, and the sum of their hashes in hexadecimal digits."""

    rows: int
    digest: str


Fingerprints = dict[str, TableFingerprint]


class FingerprintTaker:
    """Looks at records as they pass.

    Attributes:
        tables: What was found, by the name of the table.
        sequences: The last value of each sequence.
    """

    def __init__(self) -> None:
        self.tables: Fingerprints = {}
        self.sequences: dict[str, int] = {}
        self._table = ""
        self._rest = b""
        self._sum = 0

    def watch(self, records: Iterator[Record]) -> Iterator[Record]:
        """Yield records, and take the fingerprints of the tables among them."""
        for record in records:
            match record:
                case Table():
                    columns = " ".join((record.name, *record.columns))
                    self._table, self._rest = record.name, b""
                    self._sum = int.from_bytes(hashlib.sha256(columns.encode()).digest())
                case Rows():
                    self._add(record.data)
                case TableEnd():
                    digest = self._sum % (1 << 8 * _BYTES)
                    self.tables[self._table] = TableFingerprint(record.rows, f"{digest:064x}")
                case Sequences():
                    self.sequences = dict(record.last)
            yield record

    def _add(self, data: bytes) -> None:
        """Add rows; a record may begin and end within one."""
        *rows, self._rest = (self._rest + data).split(b"\n")
        for row in rows:
            self._sum += int.from_bytes(hashlib.sha256(row).digest())


def differences(before: Fingerprints, after: Fingerprints) -> list[str]:
    """Return the names of the tables that are not the same."""
    names = sorted(before.keys() | after.keys())
    return [name for name in names if before.get(name) != after.get(name)]
