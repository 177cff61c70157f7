"""The chain that makes a changed audit log noticed.

Each entry carries a keyed hash of its content and of the hash before it. The key comes from the
master key, which the database never sees: whoever may change the database can delete and alter
entries, but cannot make the chain fit again. What the chain cannot show, that its end was cut off,
the owner's head shows: the number of entries and the newest hash, under a keyed hash of its own.
"""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

_SIZE = 32
START = bytes(_SIZE)
"""What stands before the first entry."""


class Row(NamedTuple):
    """An entry as it is stored; `what` is sealed."""

    seq: int
    at: dt.datetime
    event: str
    kind: str
    subject: str
    actor: str
    scopes: Sequence[str]
    key_id: str
    what: bytes


class Chain:
    """Computes the hashes of one owner's log."""

    def __init__(self, master_key: bytes, user: UUID) -> None:
        self._key = blake2b(
            key=master_key, salt=user.bytes, person=b"pisovereign-audi", digest_size=_SIZE
        ).digest()

    def link(self, before: bytes, row: Row) -> bytes:
        """The hash of an entry that follows the one with the hash `before`."""
        at = row.at.astimezone(dt.UTC).isoformat(timespec="microseconds")
        scopes = list(row.scopes)
        content = row._replace(at=at, scopes=scopes, what=bytes(row.what).hex())  # type: ignore[arg-type]
        return self._hash(b"entry", [before.hex(), *content])

    def head(self, count: int, newest: bytes) -> bytes:
        """The hash of a head: so many entries, and the hash of the newest."""
        return self._hash(b"head", [count, newest.hex()])

    def _hash(self, purpose: bytes, content: list[Any]) -> bytes:
        # JSON keeps apart what joined texts would mix up.
        data = msgspec.json.encode(content)
        return blake2b(data, key=self._key, person=purpose, digest_size=_SIZE).digest()


def same(one: bytes, other: bytes) -> bool:
    """Compare two hashes in constant time."""
    return hmac.compare_digest(bytes(one), bytes(other))
