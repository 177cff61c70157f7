"""Upkeep of approvals: expiry and deletion without anybody asking."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from pisovereign.approvals.service import ApprovalService
from pisovereign.jobs.periodic import PeriodicTask, for_each_user

_LOOK_S = 10.0


class ApprovalUpkeep:
    """Looks for approvals that expired or were interrupted, from the start on.

    Args:
        service: Whose approvals.
        users: Whom they belong to.
        grace_s: How long it is waited, at the end, for what is being carried out.
    """

    def __init__(self, service: ApprovalService, users: Sequence[UUID], grace_s: float) -> None:
        self._service = service
        self._users = users
        self._grace_s = grace_s
        self._periodic = PeriodicTask(
            self._settle, "approvals are not looked after", longest_s=_LOOK_S
        )
        self.start = self._periodic.start

    async def stop(self) -> None:
        """End."""
        await self._periodic.stop()
        await self._service.stop(self._grace_s)

    async def _settle(self) -> float:
        await for_each_user(self._users, self._service.settle)
        return _LOOK_S
