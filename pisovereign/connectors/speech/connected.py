"""The services of speech that are set up now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from pisovereign.connectors.connected_service import SharedService
from pisovereign.connectors.connection_store import HOUSEHOLD
from pisovereign.connectors.contract import Context
from pisovereign.connectors.form import ConnectionKind
from pisovereign.connectors.reloadable_parts import parts_of
from pisovereign.connectors.speech.settings import SpeechConfig
from pisovereign.connectors.trials import Server, Trial
from pisovereign.connectors.types import TestResult
from pisovereign.connectors.words import Words
from pisovereign.errors import UpstreamError
from pisovereign.net.hosts import parse_tcp
from pisovereign.outbound.outbound import Outbound

if TYPE_CHECKING:
    from pisovereign.connectors.speech.client import WyomingService


class SpeechServices(msgspec.Struct, frozen=True, kw_only=True):
    """The services that are set up; None: one that is not."""

    to_text: WyomingService | None
    to_speech: WyomingService | None
    voice: str

    async def health(self) -> None:
        """Check that the services are there.

        Raises:
            UpstreamError: One is not there.
        """
        await self.probe()

    async def probe(self) -> str:
        """Return what the services say that they are.

        Raises:
            UpstreamError: One is not there.
        """
        named: list[str] = []
        if self.to_text is not None:
            named += (await self.to_text.programs())[0]
        if self.to_speech is not None:
            named += (await self.to_speech.programs())[1]
        return ", ".join(dict.fromkeys(named)) or "names no program"


class ConnectedSpeech(SharedService[SpeechServices]):
    """The services of speech that are set up now, for everybody."""

    def __init__(self, kind: ConnectionKind, context: Context) -> None:
        parts = parts_of(kind, context, lambda section, _: build(section, context.outbound))
        super().__init__("speech", "Speech", "speech.to_text or speech.to_speech", parts)

    @contextmanager
    def using(self) -> Iterator[SpeechServices | None]:
        """Hold what is set up; None: nothing is."""
        with self._parts.using(HOUSEHOLD) as services:
            yield services


def build(config: SpeechConfig, outbound: Outbound) -> SpeechServices | None:
    """Return the services; None: none is configured."""
    if not (config.to_text or config.to_speech):
        return None
    # Imported here: the library takes 3 MB.
    from pisovereign.connectors.speech.client import WyomingService  # noqa: PLC0415

    def service(address: str) -> WyomingService | None:
        return WyomingService(outbound, parse_tcp(address), config.timeout_s) if address else None

    return SpeechServices(
        to_text=service(config.to_text), to_speech=service(config.to_speech), voice=config.voice
    )


start = ConnectedSpeech


async def attempt(
    kind: ConnectionKind, section: Any, user: UUID, context: Context, words: Words
) -> TestResult:
    """Ask each service what it is; one that does something else is a failure."""
    services = build(section, context.outbound)
    assert services is not None
    trial = Trial(context.outbound.gate, context.outbound.tls, words)
    for address, service, listens in (
        (section.to_text, services.to_text, True),
        (section.to_speech, services.to_speech, False),
    ):
        if service is not None:
            target = parse_tcp(address)
            await trial.reach(Server(target.host, target.port, tls=False))
            find = partial(_program, service, words, listens=listens)
            await trial.step("read", str(service), find)
    return trial.result()


async def _program(service: WyomingService, words: Words, *, listens: bool) -> str:
    found = (await service.programs())[0 if listens else 1]
    if not found:
        raise UpstreamError(words.say("does_not_listen" if listens else "does_not_speak"))
    return ", ".join(found)
