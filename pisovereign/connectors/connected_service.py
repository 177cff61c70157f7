"""A service outside, as it is connected now: the household's, or each person's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from pisovereign.connectors.connection_store import HOUSEHOLD
from pisovereign.connectors.diagnostics import Integration, Probe
from pisovereign.connectors.reloadable_parts import ReloadableParts
from pisovereign.errors import NotConfigured
from pisovereign.health import Check


class Checked(Protocol):
    """Parts that tell whether they work."""

    @property
    def health(self) -> Check:
        """A check that does not ask too often."""

    @property
    def probe(self) -> Probe:
        """The probe that asks the service now."""


class Owned(Checked, Protocol):
    """Parts that belong to somebody."""

    def belongs_to(self, user: UUID) -> bool:
        """Return whether they are this user's."""


P = TypeVar("P", bound=Checked)
Q = TypeVar("Q", bound=Owned)


class SharedService(Generic[P]):
    """A service that is the whole household's; a `ConnectedService`.

    Args:
        name: As diagnostics name it.
        title: As sentences name it.
        setting: What to set to have it.
        parts: What it is now.
    """

    def __init__(self, name: str, title: str, setting: str, parts: ReloadableParts[P]) -> None:
        self._parts = parts
        self.name = name
        self.title = title
        self.setting = setting

    def is_set_up(self) -> bool:
        """Return whether it is connected."""
        return self._parts.current(HOUSEHOLD) is not None

    @contextmanager
    def required(self) -> Iterator[P]:
        """Hold it.

        Raises:
            NotConfigured: It is not connected.
        """
        with self._parts.using(HOUSEHOLD) as parts:
            if parts is None:
                raise NotConfigured(self.title, self.setting)
            yield parts

    async def check(self, user: UUID) -> float | None:
        """Check that it works.

        Raises:
            NotConfigured: It is not connected.
            UpstreamError: It does not work.
        """
        with self.required() as parts:
            return await parts.health()

    async def check_all(self) -> float | None:
        """Check that it works; as `check`."""
        return await self.check(HOUSEHOLD)

    def integration(self, user: UUID) -> Integration:
        """Return it as diagnostics see it."""
        parts = self._parts.current(HOUSEHOLD)
        if parts is None:
            return Integration(self.name, self.setting)
        return Integration(self.name, self.setting, parts.health, parts.probe)

    async def close(self) -> None:
        """Close what it holds."""
        await self._parts.close()


class PersonalService(Generic[Q]):
    """A service of which each person has their own; a `ConnectedService`.

    Args:
        name: As diagnostics name it.
        title: As sentences name it.
        setting: What to set to have it.
        parts: What everybody has now.
        shown: Whether everybody may see if what the configuration describes works.
    """

    def __init__(
        self, name: str, title: str, setting: str, parts: ReloadableParts[Q], *, shown: bool = False
    ) -> None:
        self._parts = parts
        self._name = name
        self._title = title
        self._setting = setting
        self._shown = shown

    def is_set_up(self, user: UUID) -> bool:
        """Return whether a user has one."""
        parts = self._parts.current(user)
        return parts is not None and parts.belongs_to(user)

    @contextmanager
    def using(self, user: UUID) -> Iterator[Q | None]:
        """Hold what a user has; None: they have none."""
        with self._parts.using(user) as parts:
            yield parts if parts is not None and parts.belongs_to(user) else None

    @contextmanager
    def required(self, user: UUID) -> Iterator[Q]:
        """Hold what a user has.

        Raises:
            NotConfigured: They have none.
        """
        with self.using(user) as parts:
            if parts is None:
                raise NotConfigured(self._title, self._setting)
            yield parts

    async def check(self, user: UUID) -> float | None:
        """Check that a user's works.

        Raises:
            NotConfigured: They have none.
            UpstreamError: It does not work.
        """
        with self._parts.using(user) as parts:
            if parts is None or not self._is_shown(parts, user):
                raise NotConfigured(self._title, self._setting)
            return await parts.health()

    async def check_all(self) -> float | None:
        """Check that what the configuration describes works; as `check`."""
        found = self._parts.shared()
        if not found:
            raise NotConfigured(self._title, self._setting)
        return max([await parts.health() or 0.0 for parts in found])

    def integration(self, user: UUID) -> Integration:
        """Return it as diagnostics see it."""
        parts = self._parts.current(user)
        if parts is None or not self._is_shown(parts, user):
            return Integration(self._name, self._setting)
        return Integration(self._name, self._setting, parts.health, parts.probe)

    async def close(self) -> None:
        """Close what it holds."""
        await self._parts.close()

    def _is_shown(self, parts: Q, user: UUID) -> bool:
        return self._shown or parts.belongs_to(user)
