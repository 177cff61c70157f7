"""Approvals, and the log of what was decided."""

from __future__ import annotations

from pisovereign.approvals.types import Approval, Denial, ListQuery, NoFields
from pisovereign.audit.types import AuditEntry, Verification, VerifyQuery
from pisovereign.audit.types import ListQuery as AuditQuery
from pisovereign.openapi.operation import Answer, Operation

TAG, AUDIT = "Approvals", "Audit"
ONE = "/v1/approvals/{approval_id}"
OPERATIONS = (
    Operation(
        method="get",
        path="/v1/approvals",
        id="listApprovals",
        tag=TAG,
        summary="List approvals",
        query=ListQuery,
        answer=Answer(type=list[Approval], headers=("X-Total-Count",)),
    ),
    Operation(
        method="get",
        path=ONE,
        id="getApproval",
        tag=TAG,
        summary="Show what waits for an approval",
        answer=Answer(type=Approval),
    ),
    Operation(
        method="post",
        path=f"{ONE}/approve",
        id="approve",
        tag=TAG,
        summary="Approve, carry out, and get the result",
        request=NoFields,
        body_optional=True,
        answer=Answer(type=Approval),
        errors=(409, 502),
    ),
    Operation(
        method="post",
        path=f"{ONE}/deny",
        id="deny",
        tag=TAG,
        summary="Refuse what was asked for",
        request=Denial,
        body_optional=True,
        answer=Answer(type=Approval),
        errors=(409,),
    ),
    Operation(
        method="post",
        path=f"{ONE}/cancel",
        id="cancelApproval",
        tag=TAG,
        summary="Withdraw what was asked for",
        request=NoFields,
        body_optional=True,
        answer=Answer(type=Approval),
        errors=(409,),
    ),
    Operation(
        method="get",
        path="/v1/audit",
        id="listAudit",
        tag=AUDIT,
        summary="List what was asked for, decided and carried out",
        query=AuditQuery,
        answer=Answer(type=list[AuditEntry], headers=("X-Total-Count",)),
    ),
    Operation(
        method="get",
        path="/v1/audit/verify",
        id="verifyAudit",
        tag=AUDIT,
        summary="Whether the log is as it was written",
        query=VerifyQuery,
        answer=Answer(type=Verification),
    ),
)
