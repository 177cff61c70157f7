"""Asking the process that started everything, `pisovereign serve`, to start it again or to restore.

A passphrase goes over the socket alone, never onto a command line or a disk.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from pisovereign.errors import Conflict
from pisovereign.process.line_socket import give_order

_LIMIT_S = 5.0


class RestoreOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A backup to restore: its file, its passphrase, and whether with its configuration."""

    file: str
    passphrase: str
    with_config: bool


class ControlRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """A request to start the program again, or to restore."""

    action: Literal["restart", "restore"]
    restore: RestoreOrder | None = None


class ControlClient:
    """The way to the supervisor.

    Args:
        path: of its socket; None: something else started this process.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path

    @property
    def there(self) -> bool:
        """Return whether there is a supervisor."""
        return self._path is not None

    async def restart(self) -> None:
        """Have everything ended and started again.

        Raises:
            Conflict: it cannot be now.
            ServiceUnavailable: the supervisor does not answer.
        """
        await self._ask(ControlRequest("restart"))

    async def restore(self, order: RestoreOrder) -> None:
        """Have a backup restored, and everything started again with what was in it.

        Raises:
            Conflict: it cannot be now.
            ServiceUnavailable: the supervisor does not answer.
        """
        await self._ask(ControlRequest("restore", order))

    async def _ask(self, request: ControlRequest) -> None:
        if self._path is None:
            raise Conflict("`pisovereign serve` did not start this server")
        silent = "The supervisor does not answer"
        await give_order(self._path, request, limit_s=_LIMIT_S, silent=silent)
