"""The sender to browsers, made when somebody is to be told in one for the first time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pisovereign.notifications.push.encryption import Sender


class LateSender:
    """Makes the sender once; most installations need none, and encryption takes megabytes.

    Args:
        master_key: The sealing key, of which the sender's is made.
        contact: Whom a push service may write to.
    """

    def __init__(self, master_key: bytes, contact: str) -> None:
        self._master_key = master_key
        self._contact = contact
        self._made: Sender | None = None

    async def get(self) -> Sender:
        """Return it; the first time that takes as long as its imports do, in a thread."""
        if self._made is None:
            self._made = await asyncio.to_thread(self._make)
        return self._made

    def _make(self) -> Sender:
        from pisovereign.notifications.push.encryption import Sender  # noqa: PLC0415

        return Sender(self._master_key, self._contact)
