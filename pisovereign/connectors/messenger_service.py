"""The common part of messengers that are connected: settings that hold now, and who may write."""

from __future__ import annotations

from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from pisovereign.connectors.connected_service import Checked, SharedService
from pisovereign.connectors.connection_store import HOUSEHOLD
from pisovereign.connectors.contract import Context
from pisovereign.connectors.form import ConnectionKind
from pisovereign.connectors.people import People
from pisovereign.connectors.reloadable_parts import ReloadableParts
from pisovereign.languages import Language


class Recorder(Protocol):
    """A client that fetches recordings."""

    async def recording(self, name: str, /) -> bytes:
        """Return the recording of a voice message."""
        ...


class MessengerParts(Checked, Protocol):
    """Parts of a messenger: its client and its settings."""

    @property
    def client(self) -> Recorder:
        """The client."""

    @property
    def config(self) -> Any:
        """The settings, with a `language` and a `timeout_s`."""


class ListingParts(MessengerParts, Protocol):
    """Parts of a messenger whose settings list who may write."""

    @property
    def people(self) -> People:
        """The people who may write."""


P = TypeVar("P", bound=MessengerParts)
L = TypeVar("L", bound=ListingParts)


class MessengerService(SharedService[P], Generic[P]):
    """A messenger, as far as all of them are the same.

    Args:
        kind: Its form.
        context: What it is built on.
        title: As sentences name it.
        setting: What to set to have it.
        parts: What it is now.
        calls: How many calls one delivery takes at most.
        around_s: How long it may take beside them, in seconds.
    """

    def __init__(
        self,
        kind: ConnectionKind,
        context: Context,
        title: str,
        setting: str,
        parts: ReloadableParts[P],
        *,
        calls: int = 1,
        around_s: float = 10.0,
    ) -> None:
        super().__init__(kind.name, title, setting, parts)
        self._otherwise: Any = context.settings.base(kind)
        self.limit_s = calls * self._otherwise.timeout_s + around_s

    def config(self) -> Any:
        """Return the settings that hold now."""
        parts = self._parts.current(HOUSEHOLD)
        return parts.config if parts else self._otherwise

    def language(self) -> Language:
        """Return what is spoken with those who chose no language."""
        language: Language = self.config().language
        return language

    def shows_approvals(self) -> bool:
        """Return whether what waits for an approval may be shown: it may."""
        return True

    async def recording(self, name: str) -> bytes:
        """Return the recording of a voice message.

        Raises:
            PayloadTooLarge: It is larger than one is read.
            UpstreamError: It cannot be had.
        """
        with self.required() as parts:
            return await parts.client.recording(name)


class ListingService(MessengerService[L], Generic[L]):
    """A messenger whose settings list who may write."""

    def people(self) -> People:
        """Return who may write."""
        parts = self._parts.current(HOUSEHOLD)
        return parts.people if parts else People(())

    def reaches(self, user: UUID) -> bool:
        """Return whether an address of somebody is listed."""
        return self.people().address(user) is not None
