"""Asking the process that started everything, `pisovereign serve`, to start it again or to restore.

A passphrase goes over the socket alone, never onto a command line or a disk.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from pisovereign.process.line_socket import OrderClient


class RestoreOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A backup to restore: its file, its passphrase, and whether with its configuration."""

    file: str
    passphrase: str
    with_config: bool


class ControlRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """A request to start the program again, or to restore."""

    action: Literal["restart", "restore"]
    restore: RestoreOrder | None = None


class ControlClient(OrderClient):
    """The way to the supervisor; none, if something else started this process."""

    limit_s = 5.0
    missing = "`pisovereign serve` did not start this server"
    silent = "The supervisor does not answer"

    async def restart(self) -> None:
        """Have everything ended and started again.

        Raises:
            Conflict: it cannot be now.
            ServiceUnavailable: the supervisor does not answer.
        """
        await self._order(ControlRequest("restart"))

    async def restore(self, order: RestoreOrder) -> None:
        """Have a backup restored, and everything started again with what was in it.

        Raises:
            Conflict: it cannot be now.
            ServiceUnavailable: the supervisor does not answer.
        """
        await self._order(ControlRequest("restore", order))
