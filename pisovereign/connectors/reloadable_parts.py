"""Parts of connections, made anew when settings change, and closed when nobody uses them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Generic, TypeVar
from uuid import UUID

from pisovereign.connectors.connection_settings import ConnectionSettings, owner_of
from pisovereign.connectors.connection_store import HOUSEHOLD
from pisovereign.connectors.contract import Context
from pisovereign.connectors.form import ConnectionKind
from pisovereign.errors import StartError
from pisovereign.logs import log_unexpected
from pisovereign.net.hosts import AllowedHost
from pisovereign.outbound.gate import Gate

_log = logging.getLogger(__name__)
P = TypeVar("P")
Close = Callable[[P], Awaitable[None]]


class _Counted(Generic[P]):
    """Parts, and how many use them now."""

    def __init__(self, parts: P, hosts: Sequence[AllowedHost] = ()) -> None:
        self.parts = parts
        self.hosts = hosts
        self.users = 0
        self.retired = False


class ReloadableParts(Generic[P]):
    """The parts of every connection of one kind, each used by whom it belongs to.

    Whoever uses parts while their settings change goes on with them; then they are closed.

    Args:
        kind: What they are.
        settings: Says when something changes.
        gate: Lets saved connections reach the servers that they name.
        build: Makes parts from a section of the configuration, for those whose it is; None: it is
            not set up.
        close: Closes parts; None: what they use is everybody's.
    """

    def __init__(
        self,
        kind: ConnectionKind,
        settings: ConnectionSettings,
        gate: Gate,
        *,
        build: Callable[[Any, frozenset[UUID]], P | None],
        close: Close[P] | None = None,
    ) -> None:
        self._kind = kind
        self._settings = settings
        self._gate = gate
        self._build = build
        self._close = close
        configured = build(settings.base(kind), settings.owners(kind))
        self._configured = None if configured is None else _Counted(configured)
        self._saved: dict[UUID, _Counted[P]] = {}
        self._closing: set[asyncio.Task[None]] = set()
        settings.when_changed(self._changed)

    @contextmanager
    def using(self, user: UUID) -> Iterator[P | None]:
        """Hold the parts of a user: their own, else those of the configuration; None: none."""
        counted = self._of(user)
        if counted is None:
            yield None
            return
        counted.users += 1
        try:
            yield counted.parts
        finally:
            counted.users -= 1
            if counted.retired and not counted.users:
                self._end(counted)

    def current(self, user: UUID) -> P | None:
        """Return the parts of a user, for a question that is answered at once."""
        counted = self._of(user)
        return None if counted is None else counted.parts

    def everything(self) -> list[P]:
        """Return all parts there are."""
        first = [] if self._configured is None else [self._configured.parts]
        return [*first, *(counted.parts for counted in self._saved.values())]

    def shared(self) -> list[P]:
        """Return what is no person's own: of the configuration, or saved for the household.

        Its health is told to everybody; that of a person's own is told to them.
        """
        first = [] if self._configured is None else [self._configured.parts]
        saved = self._saved.get(HOUSEHOLD)
        return first if saved is None else [*first, saved.parts]

    async def close(self) -> None:
        """Close everything."""
        for parts in self.everything():
            await self._closed(parts)
        if self._closing:
            await asyncio.wait(self._closing)

    def _of(self, user: UUID) -> _Counted[P] | None:
        if self._settings.configured(self._kind, user):
            return self._configured
        return self._saved.get(owner_of(self._kind, user), self._configured)

    async def _changed(self, kind: str, owner: UUID) -> None:
        if kind != self._kind.name:
            return
        fresh = await self._made(owner)
        former = self._saved.pop(owner, None)
        if fresh is not None:
            self._saved[owner] = fresh
        if former is not None:
            former.retired = True
            if not former.users:
                self._end(former)

    async def _made(self, owner: UUID) -> _Counted[P] | None:
        effective = self._settings.effective(self._kind, owner)
        if effective is None or effective.source != "saved":
            return None
        try:  # in a thread: some libraries take a while to be imported
            parts = await asyncio.to_thread(self._build, effective.section, frozenset((owner,)))
        except StartError as error:
            _log.warning("a saved connection (%s) cannot be used: %s", self._kind.name, error)
            return None
        if parts is None:
            return None
        hosts = self._kind.named_hosts(effective.section) if effective.local else []
        self._gate.admit(hosts)
        return _Counted(parts, hosts)

    def _end(self, counted: _Counted[P]) -> None:
        self._gate.dismiss(counted.hosts)
        task = asyncio.create_task(self._left(counted.parts))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _left(self, parts: P) -> None:
        try:
            await self._closed(parts)
        except Exception as error:  # noqa: BLE001 - the edge: nobody waits for it
            log_unexpected(error)

    async def _closed(self, parts: P) -> None:
        if self._close is not None:
            await self._close(parts)


def parts_of(
    kind: ConnectionKind,
    context: Context,
    build: Callable[[Any, frozenset[UUID]], P | None],
    close: Close[P] | None = None,
) -> ReloadableParts[P]:
    """Return the parts of a service, made anew whenever its settings change.

    Args:
        kind: What is connected.
        context: What it is built on.
        build: Makes parts of a section, for those whose it is; None: it is not set up.
        close: Closes parts; None: what they use is everybody's.
    """
    return ReloadableParts(kind, context.settings, context.outbound.gate, build=build, close=close)
