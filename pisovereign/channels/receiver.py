"""Takes in what people do at a messenger, in the transaction of whoever brings it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from pisovereign.audit.service import AuditLog
from pisovereign.channels.directory import BECOME, Directory
from pisovereign.channels.inbox import Inbox
from pisovereign.connectors.messaging import Incoming, Messenger, Press
from pisovereign.storage.pool import Connection, Database

_log = logging.getLogger(__name__)
_MOST_TRIES = 20  # codes of strangers that are looked at at once


class Receiver:
    """Stores what known people write and press; everything else is ignored.

    Args:
        messenger: Where they do.
        database: Where it is stored.
        directory: Whose address is whose.
        inbox: The queues.
        audit: Where it is told that an account was linked.
        wake: Called when there is something in them.
    """

    def __init__(
        self,
        messenger: Messenger,
        *,
        database: Database,
        directory: Directory,
        inbox: Inbox,
        audit: AuditLog,
        wake: Callable[[], None],
    ) -> None:
        self._messenger = messenger
        self._database = database
        self._directory = directory
        self._inbox = inbox
        self._audit = audit
        self._wake = wake

    async def take_in(self, connection: Connection, events: Sequence[Incoming | Press]) -> None:
        """Store what happened, in a transaction of nobody; what is there is not stored twice."""
        tries = 0
        for event in events:
            await connection.execute(BECOME, ("",))
            if isinstance(event, Press):
                await self._press(connection, event)
            else:
                tries += await self._message(connection, event, may_try=tries < _MOST_TRIES)
        await connection.execute(BECOME, ("",))
        self._database.when_committed(connection, self._wake)

    async def _message(self, connection: Connection, message: Incoming, *, may_try: bool) -> bool:
        """Store a message; return whether it was a stranger's try to be linked."""
        user = await self._directory.user_of(connection, message.address)
        if user is not None:
            await connection.execute(BECOME, (str(user),))
            await self._inbox.add(connection, user, message)
            return False
        if message.kind != "linked" or not message.text:
            _log.info("ignored a message on %s from an unknown address", self._messenger.title)
            return False
        if not may_try:
            return False
        user = await self._directory.link(connection, message)
        if user is not None:
            await self._inbox.add(connection, user, message)
            await self._audit.add(
                connection,
                user,
                "created",
                by=None,
                kind=f"{self._messenger.name}_account",
                subject=str(user),
                what=f"the {self._messenger.title} account that sent the code",
            )
        return True

    async def _press(self, connection: Connection, press: Press) -> None:
        user = await self._directory.user_of(connection, press.address)
        if user is None:
            _log.info("ignored a press on %s from an unknown address", self._messenger.title)
            return
        await connection.execute(BECOME, (str(user),))
        await self._inbox.add_press(connection, user, press)
