"""ntfy as each person has connected it now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import UUID

from pisovereign.connectors.connected_service import PersonalService
from pisovereign.connectors.contract import Context
from pisovereign.connectors.credentials import load_secret
from pisovereign.connectors.diagnostics import Probe
from pisovereign.connectors.form import ConnectionKind
from pisovereign.connectors.ntfy.channel import NtfyChannel, Topic
from pisovereign.connectors.ntfy.client import NtfyClient
from pisovereign.connectors.ntfy.settings import NtfyConfig
from pisovereign.connectors.reloadable_parts import parts_of
from pisovereign.connectors.sending import SendingChannel
from pisovereign.connectors.trials import try_probe
from pisovereign.connectors.types import TestResult
from pisovereign.connectors.words import Words
from pisovereign.health import CachedCheck
from pisovereign.outbound.outbound import Outbound


class NtfyParts(NamedTuple):
    """A topic, whose it is, and a check that does not ask too often."""

    topic: Topic
    owners: frozenset[UUID]
    health: CachedCheck
    probe: Probe

    def belongs_to(self, user: UUID) -> bool:
        """Return whether it is this user's."""
        return user in self.owners


def build(config: NtfyConfig, outbound: Outbound, owners: frozenset[UUID]) -> NtfyParts | None:
    """Return a topic; None: it is not configured. `owners` are those who are told."""
    if not config.topic:
        return None
    token = load_secret("ntfy.token", config.token, config.token_file)
    client = NtfyClient(outbound.client, config.server, config.topic, token, config.timeout_s)
    health = CachedCheck(client.probe, bad_s=30.0)
    return NtfyParts(Topic(client, config), owners, health, client.probe)


class ConnectedNtfy(PersonalService[NtfyParts]):
    """The topics that are connected now."""

    def __init__(self, kind: ConnectionKind, context: Context) -> None:
        outbound = context.outbound
        parts = parts_of(kind, context, lambda section, owners: build(section, outbound, owners))
        super().__init__("ntfy", "ntfy", "ntfy.topic", parts)
        timeout_s = context.settings.base(kind).timeout_s
        self._channel = NtfyChannel(self._topic, context.language, timeout_s)

    def channel(self) -> SendingChannel:
        """Return the way of sending."""
        return self._channel

    def reaches(self, user: UUID) -> bool:
        """Return whether a user has a topic."""
        return self.is_set_up(user)

    @contextmanager
    def _topic(self, user: UUID) -> Iterator[Topic | None]:
        with self.using(user) as parts:
            yield parts.topic if parts else None


start = ConnectedNtfy


async def attempt(
    kind: ConnectionKind, section: Any, user: UUID, context: Context, words: Words
) -> TestResult:
    """Ask a server; nothing is sent."""
    parts = build(section, context.outbound, frozenset((user,)))
    assert parts is not None
    return await try_probe(section.server, "sign_in", parts.probe, context.outbound, words)
