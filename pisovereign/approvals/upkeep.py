"""What happens to approvals without anybody asking."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from uuid import UUID

from pisovereign.approvals.service import ApprovalService
from pisovereign.errors import PiSovereignError
from pisovereign.logs import log_unexpected

_log = logging.getLogger(__name__)
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
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, on the running loop."""
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(_tell)

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))
        await self._service.stop(self._grace_s)

    async def _run(self) -> None:
        while True:
            for user in self._users:
                try:
                    await self._service.settle(user)
                except PiSovereignError as error:
                    _log.warning("approvals are not looked after: %s", error.message)
                except Exception as error:  # noqa: BLE001 - the edge: it must not be the last look
                    log_unexpected(error)
            await asyncio.sleep(_LOOK_S)


def _tell(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log_unexpected(error)
