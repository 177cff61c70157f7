"""The sealed parts of an approval, bound to what must not be exchanged beside them."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from pisovereign.storage.sealing import Sealer

_encoder = msgspec.json.Encoder()


class Content(msgspec.Struct, frozen=True):
    """The content of an approval, which is shown and carried out."""

    title: str
    payload: msgspec.Raw


class ApprovalOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """The outcome of an approval: its result, or why there is none."""

    result: msgspec.Raw = msgspec.Raw(b"null")
    reason: str | None = None


class ContentBinding(NamedTuple):
    """Where a content belongs; it opens nowhere else, and with no other kind or expiry."""

    user: UUID
    id: UUID
    kind: str
    expires_at: dt.datetime

    def associated_data(self) -> bytes:
        """Return the associated data of the content."""
        until = int(self.expires_at.timestamp() * 1_000_000)
        place = self.id.bytes + self.user.bytes + until.to_bytes(8, "big")
        return b"approvals.content" + place + self.kind.encode()


class ApprovalSealer:
    """Seals and opens contents and outcomes."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer
        self.key_id = sealer.key_id

    def seal(self, binding: ContentBinding, title: str, payload: Any) -> bytes:
        """Return the sealed form of what is asked for; `payload` is anything that becomes JSON."""
        content = Content(title, msgspec.Raw(_encoder.encode(payload)))
        return self._sealer.seal(
            _encoder.encode(content).decode(), aad=binding.associated_data()
        ).data

    def open(self, binding: ContentBinding, key_id: str, sealed: bytes) -> Content:
        """Return what was asked for.

        Raises:
            SealError: it, or its place, was changed since.
        """
        text = self._sealer.open(bytes(sealed), key_id, binding.associated_data())
        return msgspec.json.decode(text, type=Content)

    def seal_outcome(self, user: UUID, approval: UUID, outcome: ApprovalOutcome) -> bytes:
        """Return the sealed form of an outcome."""
        text = _encoder.encode(outcome).decode()
        return self._sealer.seal(text, aad=_outcome_binding(user, approval)).data

    def open_outcome(
        self, user: UUID, approval: UUID, key_id: str, sealed: bytes
    ) -> ApprovalOutcome:
        """Return what came of it.

        Raises:
            SealError: it was changed since.
        """
        text = self._sealer.open(bytes(sealed), key_id, _outcome_binding(user, approval))
        return msgspec.json.decode(text, type=ApprovalOutcome)


def as_json(value: Any) -> msgspec.Raw:
    """Return anything that becomes JSON, as JSON."""
    return msgspec.Raw(_encoder.encode(value))


def _outcome_binding(user: UUID, approval: UUID) -> bytes:
    return b"approvals.outcome" + approval.bytes + user.bytes
