"""The parts of a mailbox without the program around them, for one test."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from pisovereign.config import Config, OutboundConfig
from pisovereign.connectors.blocking import BlockingPool
from pisovereign.connectors.configuration import WholeConfig, section_of
from pisovereign.connectors.email.build import MailParts, build
from pisovereign.connectors.email.outgoing import Drafted, Sent
from pisovereign.connectors.email.reader import MailReader
from pisovereign.connectors.email.settings import EmailConfig
from pisovereign.connectors.email.types import OutgoingMail
from pisovereign.connectors.registry import named_hosts
from pisovereign.outbound.outbound import Outbound
from tests.connectors.email.dovecot import PASSWORD, USER
from tests.support.patience import PATIENCE_S

T = TypeVar("T")
ALICE = UUID("550e8400-e29b-41d4-a716-446655440000")


def configured(ca_file: Path | str, **email: Any) -> Config:
    """A configuration of a mailbox on this machine."""
    settings: dict[str, Any] = {
        "imap_host": "localhost",
        "username": USER,
        "password": PASSWORD,
        "timeout_s": PATIENCE_S,
    }
    return WholeConfig(
        email=EmailConfig(**(settings | email)), outbound=OutboundConfig(ca_file=str(ca_file))
    )


class OneMailbox:
    """A mailbox in the place of everybody's."""

    def __init__(self, parts: MailParts) -> None:
        taking = parts.sender or parts.drafter
        self.limit_s = taking.limit_s
        self._parts = parts

    async def send(self, user: UUID, mail: OutgoingMail, number: UUID) -> Sent:
        """Send a mail of its owner's."""
        assert user == ALICE
        assert self._parts.sender is not None
        return await self._parts.sender.send(mail, number)

    async def draft(self, user: UUID, mail: OutgoingMail, number: UUID) -> Drafted:
        """Store a draft of its owner's."""
        assert user == ALICE
        return await self._parts.drafter.draft(mail, number)


@contextlib.asynccontextmanager
async def opened(config: Config) -> AsyncIterator[MailParts]:
    """Alice's mailbox."""
    outbound, pool = Outbound(config, named_hosts(config)), BlockingPool("mail")
    parts = build(section_of(config, EmailConfig), outbound, pool, frozenset((ALICE,)))
    assert parts is not None
    try:
        yield parts
    finally:
        await pool.close()
        await outbound.close()


@contextlib.asynccontextmanager
async def reading(config: Config) -> AsyncIterator[MailReader]:
    """What reads it."""
    async with opened(config) as parts:
        yield parts.reader


def with_reader(config: Config, ask: Callable[[MailReader], Awaitable[T]]) -> T:
    """What the reader says."""

    async def run() -> T:
        async with reading(config) as reader:
            return await ask(reader)

    return asyncio.run(run())
