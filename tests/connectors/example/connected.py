"""The pagers that are connected now."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from pisovereign.connectors.connected_service import PersonalService
from pisovereign.connectors.contract import Context
from pisovereign.connectors.form import ConnectionKind
from pisovereign.connectors.reloadable_parts import parts_of
from pisovereign.connectors.sending import NotSent, Outgoing, SendingChannel
from pisovereign.connectors.trials import try_probe
from pisovereign.connectors.types import TestResult
from pisovereign.connectors.words import Words
from pisovereign.errors import UpstreamError
from pisovereign.health import CachedCheck
from pisovereign.outbound.outbound import Outbound
from tests.connectors.example.settings import PagerConfig


class Pager(NamedTuple):
    """A pager, and whose it is."""

    config: PagerConfig
    outbound: Outbound
    owners: frozenset[UUID]
    health: CachedCheck

    def belongs_to(self, user: UUID) -> bool:
        return user in self.owners

    async def probe(self) -> str:
        await call(self.config, self.outbound, "")
        return "beeps"


async def call(config: PagerConfig, outbound: Outbound, text: str) -> None:
    body = msgspec.json.encode({"code": config.code, "text": text})
    reply = await outbound.client.post(config.server, body, headers={}, timeout_s=10.0)
    if reply.status != 200:
        raise UpstreamError("The pager does not know this code")


def build(config: PagerConfig, outbound: Outbound, owners: frozenset[UUID]) -> Pager | None:
    async def check() -> None:
        await call(config, outbound, "")

    return Pager(config, outbound, owners, CachedCheck(check)) if config.server else None


class Pagers(PersonalService[Pager]):
    name, limit_s = "pager", 15.0
    longest: int | None = 200

    def channel(self) -> SendingChannel:
        return self

    def reaches(self, user: UUID) -> bool:
        return self.is_set_up(user)

    async def send(self, user: UUID, message: Outgoing) -> None:
        with self.using(user) as pager:
            if pager is None:
                raise NotSent("There is no pager", again_s=None)
            await call(pager.config, pager.outbound, message.text)


def start(kind: ConnectionKind, context: Context) -> Pagers:
    outbound = context.outbound
    parts = parts_of(kind, context, lambda section, owners: build(section, outbound, owners))
    return Pagers("pager", "The pager", "pager.server", parts)


async def attempt(
    kind: ConnectionKind, section: Any, user: UUID, context: Context, words: Words
) -> TestResult:
    pager = build(section, context.outbound, frozenset((user,)))
    assert pager is not None
    return await try_probe(section.server, "sign_in", pager.probe, context.outbound, words)
