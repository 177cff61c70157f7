"""ntfy as each person has connected it now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple
from uuid import UUID

from pisovereign.assembly.live_parts import LiveParts
from pisovereign.connectors.diagnostics import Integration
from pisovereign.connectors.ntfy.channel import NtfyChannel, NtfyChoices
from pisovereign.connectors.ntfy.client import NtfyClient
from pisovereign.errors import NotConfigured
from pisovereign.health import CachedCheck
from pisovereign.languages import Language
from pisovereign.notifications.channel import NotSent
from pisovereign.notifications.types import Channel, Outgoing

_SETTING = "ntfy.topic"


class NtfyParts(NamedTuple):
    """A topic, whose it is, what is shown there, and a check that does not ask too often."""

    client: NtfyClient
    owners: frozenset[UUID]
    choices: NtfyChoices
    health: CachedCheck


class LiveNtfy:
    """The topics that are connected now."""

    def __init__(self, parts: LiveParts[NtfyParts]) -> None:
        self.parts = parts

    def is_set_up(self, user: UUID) -> bool:
        """Return whether a user has a topic."""
        return self._current(user) is not None

    async def check(self, user: UUID) -> float | None:
        """Check that a user's server is there."""
        with self.using(user) as parts:
            if parts is None:
                raise NotConfigured("ntfy", _SETTING)
            return await parts.health()

    async def check_all(self) -> float | None:
        """Check that the server of the configuration is there."""
        found = self.parts.shared()
        if not found:
            raise NotConfigured("ntfy", _SETTING)
        return max([await parts.health() for parts in found])

    def integration(self, user: UUID) -> Integration:
        """Return it as diagnostics see it."""
        parts = self._current(user)
        if parts is None:
            return Integration("ntfy", _SETTING)
        return Integration("ntfy", _SETTING, parts.health, parts.client.probe)

    @contextmanager
    def using(self, user: UUID) -> Iterator[NtfyParts | None]:
        """Hold the topic of a user; None: they have none."""
        with self.parts.using(user) as parts:
            yield parts if parts and user in parts.owners else None

    def _current(self, user: UUID) -> NtfyParts | None:
        parts = self.parts.current(user)
        return parts if parts and user in parts.owners else None


class LiveNtfyChannel:
    """A way of sending, to each person's topic."""

    name: Channel = "ntfy"
    longest: int | None = None

    def __init__(
        self, live: LiveNtfy, language: Callable[[UUID], Awaitable[Language]], timeout_s: float
    ) -> None:
        self._live = live
        self._language = language
        self.limit_s = timeout_s + 5.0

    async def send(self, user: UUID, message: Outgoing) -> None:
        """Send a message.

        Raises:
            NotSent: It certainly was not.
            MaybeSent: Nobody knows.
        """
        with self._live.using(user) as parts:
            if parts is None:
                raise NotSent("ntfy is not set up for you: connect it on the page", again_s=None)
            await NtfyChannel(parts.client, parts.choices, self._language).send(user, message)
