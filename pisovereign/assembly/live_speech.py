"""The services of speech that are set up now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

from pisovereign.assembly.live_parts import LiveParts
from pisovereign.config import SpeechConfig
from pisovereign.connections.store import HOUSEHOLD
from pisovereign.connectors.diagnostics import Integration
from pisovereign.errors import NotConfigured
from pisovereign.net.hosts import parse_tcp
from pisovereign.outbound.outbound import Outbound
from pisovereign.speech.service import SpeechServices

if TYPE_CHECKING:
    from pisovereign.connectors.speech.client import WyomingService

_SETTING = "speech.to_text or speech.to_speech"


class LiveSpeech:
    """What is set up now, for everybody."""

    def __init__(self, parts: LiveParts[SpeechServices]) -> None:
        self.parts = parts

    @contextmanager
    def using(self) -> Iterator[SpeechServices | None]:
        """Hold what is set up; None: nothing is."""
        with self.parts.using(HOUSEHOLD) as services:
            yield services

    async def check(self, user: UUID) -> float | None:
        """Check that the services are there.

        Raises:
            NotConfigured: There are none.
            UpstreamError: One is not there.
        """
        with self.using() as services:
            if services is None:
                raise NotConfigured("Speech", _SETTING)
            await probe(services)
        return None

    async def check_all(self) -> float | None:
        """Check that the services are there."""
        return await self.check(HOUSEHOLD)

    def integration(self, user: UUID) -> Integration:
        """Return them as diagnostics see them."""
        services = self.parts.current(HOUSEHOLD)
        if services is None:
            return Integration("speech", _SETTING)

        async def ask() -> str:
            return await probe(services)

        return Integration("speech", _SETTING, self.check_all, ask)


async def probe(services: SpeechServices) -> str:
    """Return what the services say that they are.

    Raises:
        UpstreamError: One is not there.
    """
    named: list[str] = []
    if services.to_text is not None:
        named += (await services.to_text.programs())[0]
    if services.to_speech is not None:
        named += (await services.to_speech.programs())[1]
    return ", ".join(dict.fromkeys(named)) or "names no program"


def build_speech(config: SpeechConfig, outbound: Outbound) -> SpeechServices | None:
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
