"""Orders of the API to root's program, over a UNIX socket that systemd opens for it.

A name of a file in one folder, or nothing at all: no request brings a path, and none a command.
What is installed is decided by its signature, which root's program verifies by itself.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from pisovereign.process.line_socket import OrderClient
from pisovereign.updates.bundle import FILE_NAME

LONGEST_ORDER = 1024


class Order(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An order to root's program.

    Attributes:
        action: `install` the file, `try` what was written.
        file: its name in the folder of what was fetched.
    """

    action: Literal["install", "try"]
    file: Annotated[str, Meta(pattern=FILE_NAME)] | None = None


class UpdaterClient(OrderClient):
    """The way to root's program; none, if this machine is not updated like this."""

    limit_s = 30.0
    missing = "Only the system of a flashed card is updated like this"
    silent = "The program that installs updates does not answer"

    async def install(self, file: str) -> None:
        """Have an update written into the system that does not run; returns when that has begun.

        Raises:
            Conflict: It is refused.
            ServiceUnavailable: The program does not answer.
        """
        await self._order(Order(action="install", file=file))

    async def try_once(self) -> None:
        """Have the machine started once with what was written.

        Raises:
            Conflict: It is refused.
            ServiceUnavailable: The program does not answer.
        """
        await self._order(Order(action="try"))
