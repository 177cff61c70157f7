"""The contract of a connector: all of one service outside, in a folder of its own.

Its `connector.py` describes it, and is imported by every program that reads the configuration. What
runs is in the module that it names, which is imported when the API starts.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast, runtime_checkable
from uuid import UUID

import msgspec

from pisovereign.connectors.form import ConnectionKind
from pisovereign.errors import FieldError

if TYPE_CHECKING:
    from pisovereign.cache.store import Cache
    from pisovereign.connectors.connection_settings import ConnectionSettings
    from pisovereign.connectors.diagnostics import Integration
    from pisovereign.connectors.sending import SendingChannel
    from pisovereign.connectors.types import TestResult
    from pisovereign.connectors.words import Words
    from pisovereign.languages import Language
    from pisovereign.locales import Zones
    from pisovereign.outbound.outbound import Outbound


class Context(NamedTuple):
    """The parts of the program that connectors are built on.

    Attributes:
        outbound: The way out.
        settings: What is saved, and what the configuration says.
        zones: Returns where somebody is.
        language: Returns what somebody reads.
        cache: Where answers are kept.
    """

    outbound: Outbound
    settings: ConnectionSettings
    zones: Zones
    language: Callable[[UUID], Awaitable[Language]]
    cache: Cache


class ConnectedService(Protocol):
    """A service, as it is connected now."""

    async def check(self, user: UUID) -> float | None:
        """Check that it works for a user; return how long that took, in milliseconds.

        Raises:
            NotConfigured: It is not set up.
            UpstreamError: It does not work.
        """
        ...

    async def check_all(self) -> float | None:
        """Check that what the household shares works; as `check`."""
        ...

    def integration(self, user: UUID) -> Integration:
        """Return it as diagnostics see it."""
        ...

    async def close(self) -> None:
        """Close what it holds."""
        ...


@runtime_checkable
class Reaches(Protocol):
    """A service that people are told something by."""

    def reaches(self, user: UUID) -> bool:
        """Return whether it is set up for a user."""
        ...


@runtime_checkable
class Notifies(Reaches, Protocol):
    """One that sends by itself; a `messaging.Messenger` is what `channels` sends by."""

    def channel(self) -> SendingChannel:
        """Return the way of sending."""
        ...


class Running(Protocol):
    """The module of a connector with what runs."""

    def start(self, kind: ConnectionKind, context: Context) -> ConnectedService:
        """Return the service."""
        ...

    async def attempt(
        self, kind: ConnectionKind, section: Any, user: UUID, context: Context, words: Words
    ) -> TestResult:
        """Try settings out, with parts that are made for that and closed afterwards."""
        ...


class Connector(NamedTuple):
    """A service outside.

    Attributes:
        kind: Its form.
        settings: The section of the configuration, which holds a default for everything.
        module: Where what runs is.
        owners: Returns whose connection the configuration describes, of all that it knows; None:
            everybody's.
        channel: The name of the way in which it tells people something; empty: it does not.
        delivery: What to set for that.
        writers: Returns whom a section lists as those who may write.
        public: Whether everybody may see if it works.
        beside: Further sections of the configuration, by their names.
        fault: Returns what is wrong with a section whose settings are right one by one.
    """

    kind: ConnectionKind
    settings: type[msgspec.Struct]
    module: str
    owners: Callable[[Any, Sequence[UUID]], frozenset[UUID] | None] = lambda section, users: None
    channel: str = ""
    delivery: str = ""
    writers: Callable[[Any], Sequence[UUID]] = lambda section: ()
    public: bool = True
    beside: Mapping[str, type[msgspec.Struct]] = MappingProxyType({})
    fault: Callable[[Any], FieldError | None] = lambda section: None

    def running(self) -> Running:
        """Return the module with what runs."""
        return cast("Running", import_module(self.module))


def only_owner(named: Sequence[str], users: Sequence[UUID]) -> frozenset[UUID]:
    """Return whose connection the configuration describes: who is named, else the only user.

    With several users and nobody named it is nobody's: not every key may read every calendar. An
    empty name is nobody's.
    """
    if owners := frozenset(UUID(user) for user in named if user):
        return owners
    return frozenset(users) if len(users) == 1 else frozenset()
