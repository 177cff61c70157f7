"""Asks a messenger for messages: one process for each account, whatever others run."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from hashlib import blake2b

from pisovereign.channels.position_store import NotHeld, PositionStore
from pisovereign.channels.receiver import Receiver
from pisovereign.connectors.messaging import Batch, Later, Polled, Source
from pisovereign.errors import PiSovereignError
from pisovereign.jobs.periodic import PeriodicTask
from pisovereign.storage.pool import Database

_log = logging.getLogger(__name__)
LEASE_S = 15.0
_RENEW_S = 5.0
_IDLE_S = 30.0  # until it is looked again whether there is an account
_OTHER_S = 5.0  # until it is looked again whether another process still asks


class Poller:
    """The loop that asks.

    Args:
        messenger: Who is asked.
        database: Where it is noted who asks.
        positions: The SQL of that.
        receiver: Takes in what comes.
        key: The master key, with which the account is hashed.
    """

    def __init__(
        self,
        messenger: Polled,
        *,
        database: Database,
        positions: PositionStore,
        receiver: Receiver,
        key: bytes,
    ) -> None:
        self._messenger = messenger
        self._database = database
        self._positions = positions
        self._receiver = receiver
        self._key = key
        self._changed = asyncio.Event()
        self._held: bytes | None = None
        self._failure = f"{messenger.title} messages wait"
        self._periodic = PeriodicTask(self._look, self._failure, ending_s=0.5)
        self.start = self._periodic.start

    def change(self) -> None:
        """Ask for the messages of the account that is connected now, and of no other any more."""
        self._changed.set()
        self._periodic.wake()

    async def stop(self) -> None:
        """End; what came and is not stored yet comes again."""
        self._changed.set()
        await self._periodic.stop()
        with suppress(PiSovereignError):  # then others wait until the lease ends
            await self._release()

    async def _look(self) -> float:
        self._changed.clear()
        with self._messenger.source() as source:
            if source is None:
                await self._release()
                return _IDLE_S
            try:
                account = self._hash(await source.account())
                if self._held not in {None, account}:
                    await self._release()
                return await self._ask(source, account)
            except NotHeld:
                self._held = None
                return _OTHER_S
            except Later as later:
                if later.mistake:
                    _log.warning("%s: %s", self._failure, later.mistake)
                return later.seconds

    def _hash(self, account: str) -> bytes:
        data = account.encode()
        return blake2b(data, key=self._key, digest_size=16, person=b"pisov-tg-bot").digest()

    async def _ask(self, source: Source, account: bytes) -> float:
        async with self._database.system() as connection:
            position = await self._positions.hold(connection, account, LEASE_S, source.stale_s)
        self._held = account
        batch = await self._waited(source, account, position)
        if batch is not None and batch.position != position:
            async with self._database.system() as connection:
                await self._positions.lock(connection, account)
                await self._receiver.take_in(connection, batch.events)
                await self._positions.advance(connection, account, batch.position)
        return 0.0

    async def _waited(self, source: Source, account: bytes, position: str | None) -> Batch | None:
        """Return what comes while the lease is renewed; None when the account is changed."""
        asking = asyncio.create_task(source.receive(position))
        changed = asyncio.create_task(self._changed.wait())
        try:
            while True:
                await asyncio.wait(
                    (asking, changed), timeout=_RENEW_S, return_when=asyncio.FIRST_COMPLETED
                )
                if asking.done():
                    return asking.result()
                if changed.done():
                    return None
                async with self._database.system() as connection:
                    await self._positions.hold(connection, account, LEASE_S)
        finally:
            for task in (asking, changed):
                task.cancel()
            await asyncio.gather(asking, changed, return_exceptions=True)

    async def _release(self) -> None:
        if self._held is not None:
            async with self._database.system() as connection:
                await self._positions.release(connection, self._held)
            self._held = None
