"""The house that is connected now, for those of the household who may see and change it."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from pisovereign.connectors.connected_service import PersonalService
from pisovereign.connectors.contract import Context
from pisovereign.connectors.diagnostics import Probe
from pisovereign.connectors.form import ConnectionKind
from pisovereign.connectors.home_assistant.home import Home
from pisovereign.connectors.home_assistant.settings import HomeAssistantConfig
from pisovereign.connectors.home_assistant.types import HomePolicy, House, ServiceCall
from pisovereign.connectors.reloadable_parts import parts_of
from pisovereign.connectors.trials import Trial, try_account
from pisovereign.connectors.types import TestResult
from pisovereign.connectors.words import Words
from pisovereign.health import Check
from pisovereign.outbound.outbound import Outbound
from pisovereign.outbound.websocket import open_websocket

# All states of a large house come in one message.
_MOST_BYTES = 32 * 1024 * 1024


class HomeParts(NamedTuple):
    """A house, what may be done in it without an approval, and by whom; nobody named: by all."""

    home: Home
    policy: HomePolicy
    users: frozenset[UUID]
    health: Check
    probe: Probe

    def belongs_to(self, user: UUID) -> bool:
        """Return whether a user may see and change it."""
        return not self.users or user in self.users


def build(config: HomeAssistantConfig, outbound: Outbound) -> HomeParts | None:
    """Return the house; None: it is not configured."""
    if not config.url:
        return None
    url = f"{config.url.rstrip('/')}/api/websocket"
    home = Home(
        lambda: open_websocket(
            outbound.gate,
            outbound.tls,
            url,
            connect_s=config.timeout_s,
            most_bytes=_MOST_BYTES,
        ),
        config.token,
        config.timeout_s,
    )
    policy = HomePolicy(
        frozenset(config.without_approval), frozenset(config.always_ask), config.most_at_once
    )
    users = frozenset(UUID(user) for user in config.users)
    return HomeParts(home, policy, users, home.check, home.probe)


class ConnectedHome(PersonalService[HomeParts]):
    """A `HomeSource`."""

    def __init__(self, kind: ConnectionKind, context: Context) -> None:
        parts = parts_of(
            kind,
            context,
            lambda section, _: build(section, context.outbound),
            lambda parts: parts.home.close(),
        )
        super().__init__("home_assistant", "The house", "home_assistant.url", parts)
        # After its parts were made anew.
        context.settings.when_changed(self._changed)

    def begin(self) -> None:
        """Connect, so that the first request finds the house."""
        for parts in self._parts.everything():
            parts.home.begin()

    async def _changed(self, kind: str, owner: UUID) -> None:
        self.begin()

    async def known(self, user: UUID) -> House | None:
        """Return the house as it was last seen; None: there is none, or not yet."""
        with self.using(user) as parts:
            return None if parts is None else await parts.home.known()

    def policy(self, user: UUID) -> HomePolicy:
        """Return what a user may change without an approval."""
        with self.required(user) as parts:
            return parts.policy

    async def house(self, user: UUID) -> House:
        """Return the house as it is now."""
        with self.required(user) as parts:
            return await parts.home.house()

    async def call(self, user: UUID, calls: tuple[ServiceCall, ...]) -> None:
        """Call services, one after the other, each once."""
        with self.required(user) as parts:
            await parts.home.call(calls)

    async def items(self, user: UUID, entity: str) -> tuple[str, ...]:
        """Return what is open on a list of the house."""
        with self.required(user) as parts:
            return await parts.home.items(entity)


start = ConnectedHome


async def attempt(
    kind: ConnectionKind, section: Any, user: UUID, context: Context, words: Words
) -> TestResult:
    """Sign in, and look at the house."""
    parts = build(section, context.outbound)
    assert parts is not None
    trial = Trial(context.outbound.gate, context.outbound.tls, words)
    try:
        return await try_account(section.url, parts.home, trial, words)
    finally:
        await parts.home.close()
