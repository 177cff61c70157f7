"""Approving the plan of a task."""

from __future__ import annotations

from typing import Any

import msgspec

from pisovereign.actions.action import ApprovedAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.spec import ActionSpec
from pisovereign.approvals.types import Approved, NewApproval

AGENT_PLAN = "agent_plan"
"""The kind of such approvals."""


class ApprovePlan(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Let a task go on with its plan; `title` and `plan` are what the approver sees."""

    title: str
    plan: Any


class ApprovePlanAction(ApprovedAction[ApprovePlan]):
    """Lets the task go on; nothing else happens here."""

    spec = ActionSpec(
        name="approve_plan",
        type=ApprovePlan,
        result=None,
        side_effects=True,
        approval="always",
        clients=frozenset(),
    )
    kind = AGENT_PLAN
    limit_s = 5.0

    async def ask(self, caller: Caller, command: ApprovePlan) -> NewApproval:
        """Return the plan, as it is to be approved."""
        return NewApproval(self.kind, command.title, command.plan)

    async def carry_out(self, approved: Approved) -> dict[str, bool]:
        """Return that the task may go on."""
        return {"approved": True}
