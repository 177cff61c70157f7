"""An approval as it is shown."""

from __future__ import annotations

import msgspec

from pisovereign.approvals.sealed import ApprovalOutcome, ApprovalSealer
from pisovereign.approvals.store import Row
from pisovereign.approvals.types import Approval
from pisovereign.errors import SealError

INTERRUPTED = "It was interrupted; it may have been carried out, and is not repeated"


def show(sealer: ApprovalSealer, row: Row) -> Approval:
    """Return everything of an approval; one that cannot be opened says why, and hides no other."""
    shown = Approval(
        id=row.id,
        kind=row.kind,
        title="",
        details={},
        status=row.status,
        requested_by=row.asked_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        finished_at=row.finished_at,
    )
    try:
        content = sealer.open(row.binding, row.key_id, row.content)
        outcome = _outcome(sealer, row)
    except SealError as error:
        return msgspec.structs.replace(shown, error=error.message)
    return msgspec.structs.replace(
        shown,
        title=content.title,
        details=content.payload,
        result=outcome.result,
        reason=outcome.reason,
    )


def _outcome(sealer: ApprovalSealer, row: Row) -> ApprovalOutcome:
    if row.outcome is not None:
        return sealer.open_outcome(row.user, row.id, row.key_id, row.outcome)
    return ApprovalOutcome(reason=INTERRUPTED if row.status == "failed" else None)
