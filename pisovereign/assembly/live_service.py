"""A service outside, as it is connected now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from pisovereign.assembly.lifespan import Closing
from pisovereign.assembly.live_parts import LiveParts
from pisovereign.connections.store import HOUSEHOLD
from pisovereign.connectors.diagnostics import Integration
from pisovereign.errors import NotConfigured
from pisovereign.health import Check


class LiveService(Protocol):
    """What every kind of connection tells of its service."""

    @property
    def parts(self) -> Closing:
        """What is closed at the end."""

    async def check(self, user: UUID) -> float | None:
        """Check that it works for a user; return how long that took, in milliseconds.

        Raises:
            NotConfigured: It is not set up.
            UpstreamError: It does not work.
        """

    async def check_all(self) -> float | None:
        """Check that what the household shares works; as `check`."""

    def integration(self, user: UUID) -> Integration:
        """Return it as diagnostics see it."""


class Checked(Protocol):
    """Parts that tell whether they work."""

    @property
    def health(self) -> Check:
        """A check that does not ask too often."""

    async def probe(self) -> str:
        """Ask now, and return in a few words what is answered."""


P = TypeVar("P", bound=Checked)


class SharedService(Generic[P]):
    """A service that is the whole household's; a `LiveService`.

    Args:
        name: As diagnostics name it.
        title: As sentences name it.
        setting: What to set to have it.
        parts: What it is now.
    """

    def __init__(self, name: str, title: str, setting: str, parts: LiveParts[P]) -> None:
        self.parts = parts
        self._name = name
        self._title = title
        self._setting = setting

    def is_set_up(self) -> bool:
        """Return whether it is connected."""
        return self.parts.current(HOUSEHOLD) is not None

    @contextmanager
    def required(self) -> Iterator[P]:
        """Hold it.

        Raises:
            NotConfigured: It is not connected.
        """
        with self.parts.using(HOUSEHOLD) as parts:
            if parts is None:
                raise NotConfigured(self._title, self._setting)
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
        parts = self.parts.current(HOUSEHOLD)
        if parts is None:
            return Integration(self._name, self._setting)
        return Integration(self._name, self._setting, parts.health, parts.probe)
