"""The chain of hashes by which a change of the audit log is noticed.

Each entry carries a keyed hash of its content and of the hash before it. The key is derived
from the master key, which the database never sees: whoever may change the database can delete and
alter entries, but cannot make the chain fit again. The chain cannot show that its end was cut off;
the owner's head does: the number of entries and the newest hash, under a keyed hash of its own.
Where the oldest entries were deleted because of their age, a checkpoint stands for them, and the
chain begins with the hash in it.
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
"""The hash before the first entry."""

COLUMNS = (
    "SELECT seq, at, event, kind, subject, actor, scopes, key_id, what, mac FROM audit_entries"
)


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


class Checkpoint(NamedTuple):
    """A summary of the oldest entries of a log, which were deleted.

    `pruned` is the number of the last of them, `mac` its hash, `requests` how many of them told of
    a new approval. `approvals` is how many approvals were deleted.
    """

    pruned: int = 0
    mac: bytes = START
    first_at: dt.datetime | None = None
    last_at: dt.datetime | None = None
    requests: int = 0
    approvals: int = 0


class Chain:
    """Computes the hashes of one owner's log."""

    def __init__(self, master_key: bytes, user: UUID) -> None:
        self._key = blake2b(
            key=master_key, salt=user.bytes, person=b"pisovereign-audi", digest_size=_SIZE
        ).digest()

    def link(self, before: bytes, row: Row) -> bytes:
        """Return the hash of an entry that follows the one with the hash `before`."""
        scopes = list(row.scopes)
        content = row._replace(at=_text(row.at), scopes=scopes, what=bytes(row.what).hex())  # type: ignore[arg-type]
        return self._hash(b"entry", [before.hex(), *content])

    def head(self, count: int, newest: bytes) -> bytes:
        """Return the hash of a head: so many entries, and the hash of the newest."""
        return self._hash(b"head", [count, newest.hex()])

    def checkpoint(self, checkpoint: Checkpoint) -> bytes:
        """Return the hash of a checkpoint."""
        times = [_text(at) for at in (checkpoint.first_at, checkpoint.last_at)]
        counts = [checkpoint.pruned, checkpoint.requests, checkpoint.approvals]
        return self._hash(b"checkpoint", [checkpoint.mac.hex(), *counts, *times])

    def _hash(self, purpose: bytes, content: list[Any]) -> bytes:
        # JSON keeps apart what joined texts would mix up.
        data = msgspec.json.encode(content)
        return blake2b(data, key=self._key, person=purpose, digest_size=_SIZE).digest()


def hashes_equal(one: bytes, other: bytes) -> bool:
    """Return whether two hashes are equal, in constant time."""
    return hmac.compare_digest(bytes(one), bytes(other))


def _text(at: dt.datetime | None) -> str:
    return "" if at is None else at.astimezone(dt.UTC).isoformat(timespec="microseconds")
