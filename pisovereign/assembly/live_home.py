"""The house that is connected now, for those of the household who may see and change it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple
from uuid import UUID

from pisovereign.assembly.live_parts import LiveParts
from pisovereign.connections.store import HOUSEHOLD
from pisovereign.connectors.diagnostics import Integration
from pisovereign.connectors.home_assistant.home import Home
from pisovereign.connectors.home_assistant.types import HomePolicy, House, ServiceCall
from pisovereign.errors import NotConfigured

_SETTING = "home_assistant.url"


class HomeParts(NamedTuple):
    """A house, what may be done in it without an approval, and by whom; nobody named: by all."""

    home: Home
    policy: HomePolicy
    users: frozenset[UUID]

    async def close(self) -> None:
        """Close its connection."""
        await self.home.close()


class LiveHome:
    """A `HomeSource`."""

    def __init__(self, parts: LiveParts[HomeParts]) -> None:
        self.parts = parts

    def begin(self) -> None:
        """Connect, so that the first request finds the house."""
        for parts in self.parts.everything():
            parts.home.begin()

    async def changed(self, kind: str, owner: UUID) -> None:
        """Connect again where settings changed."""
        self.begin()

    def is_set_up(self, user: UUID) -> bool:
        """Return whether there is a house for a user."""
        return self._of(user) is not None

    async def known(self, user: UUID) -> House | None:
        """Return the house as it was last seen; None: there is none, or not yet."""
        parts = self._of(user)
        return None if parts is None else await parts.home.known()

    def policy(self, user: UUID) -> HomePolicy:
        """Return what a user may change without an approval."""
        with self._using(user) as parts:
            return parts.policy

    async def house(self, user: UUID) -> House:
        """Return the house as it is now."""
        with self._using(user) as parts:
            return await parts.home.house()

    async def call(self, user: UUID, calls: tuple[ServiceCall, ...]) -> None:
        """Call services, one after the other, each once."""
        with self._using(user) as parts:
            await parts.home.call(calls)

    async def items(self, user: UUID, entity: str) -> tuple[str, ...]:
        """Return what is open on a list of the house."""
        with self._using(user) as parts:
            return await parts.home.items(entity)

    async def check(self, user: UUID) -> float | None:
        """Check that the house answers a user."""
        with self._using(user) as parts:
            return await parts.home.check()

    async def check_all(self) -> float | None:
        """Check that the house answers."""
        with self.parts.using(HOUSEHOLD) as parts:
            if parts is None:
                raise NotConfigured("The house", _SETTING)
            return await parts.home.check()

    def integration(self, user: UUID) -> Integration:
        """Return it as diagnostics see it."""
        parts = self._of(user)
        if parts is None:
            return Integration("home_assistant", _SETTING)
        return Integration("home_assistant", _SETTING, parts.home.check, parts.home.probe)

    def _of(self, user: UUID) -> HomeParts | None:
        parts = self.parts.current(HOUSEHOLD)
        return parts if parts is not None and _belongs(parts, user) else None

    @contextmanager
    def _using(self, user: UUID) -> Iterator[HomeParts]:
        with self.parts.using(HOUSEHOLD) as parts:
            if parts is None or not _belongs(parts, user):
                raise NotConfigured("The house", _SETTING)
            yield parts


def _belongs(parts: HomeParts, user: UUID) -> bool:
    return not parts.users or user in parts.users
