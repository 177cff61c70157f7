"""Trying settings of a connection, with parts that are made for that and closed afterwards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from pisovereign.assembly.clients import (
    build_calendar,
    build_home,
    build_ntfy,
    build_telegram,
    build_weather,
    build_whatsapp,
)
from pisovereign.assembly.infrastructure import Infrastructure
from pisovereign.assembly.live_search import build_search
from pisovereign.assembly.live_speech import build_speech
from pisovereign.assembly.mail import MailParts, build_mail
from pisovereign.config import (
    BackupFolderConfig,
    BackupS3Config,
    BackupWebdavConfig,
    CaldavConfig,
    EmailConfig,
    HomeAssistantConfig,
    NtfyConfig,
    SearchConfig,
    SpeechConfig,
    TelegramConfig,
    WeatherConfig,
    WhatsAppConfig,
)
from pisovereign.connections.kinds import KINDS
from pisovereign.connections.trials import Server, Trial
from pisovereign.connections.types import StepName, TestResult
from pisovereign.connections.words import Words
from pisovereign.connectors.blocking import BlockingPool
from pisovereign.connectors.email.imap import check_starttls as imap_starttls
from pisovereign.connectors.email.smtp import check_starttls as smtp_starttls
from pisovereign.connectors.file_stores.build import BUILDERS
from pisovereign.errors import StartError, UpstreamError
from pisovereign.net.hosts import parse_tcp, parse_url
from pisovereign.outbound.outbound import Outbound
from pisovereign.outbound.tls import Tls

if TYPE_CHECKING:
    from pisovereign.connectors.speech.client import WyomingService

Attempt = Callable[[Any, UUID, Outbound, Words], Awaitable[TestResult]]


class Account(Protocol):
    """What is signed in to, and read."""

    async def check(self) -> object:
        """Sign in."""

    async def probe(self) -> str:
        """Return what is there, in a few words."""


class ConnectionTrials:
    """Tries each kind of connection.

    Args:
        base: The way out, and where weather is cached.
    """

    def __init__(self, base: Infrastructure) -> None:
        self._base = base
        self._attempts: dict[str, Attempt] = {
            "weather": self._weather,
            "calendar": self._calendar,
            "email": self._email,
            "whatsapp": self._whatsapp,
            "search": self._search,
            "speech": self._speech,
            "telegram": self._telegram,
            "ntfy": self._ntfy,
            "home_assistant": self._home,
            **{kind: partial(self._backup_place, kind) for kind in BUILDERS},
        }

    async def run(
        self, kind: str, section: Any, user: UUID, *, local: bool, words: Words
    ) -> TestResult:
        """Return how each step went; nothing is saved, and earlier failures are forgotten.

        Raises:
            UpstreamError: Nothing can be made of the settings.
        """
        gate, outbound = self._base.outbound.gate, self._base.outbound.afresh()
        hosts = KINDS[kind].hosts(section) if local else []
        gate.admit(hosts)
        try:
            return await self._attempts[kind](section, user, outbound, words)
        except StartError as error:
            raise UpstreamError(str(error)) from None
        finally:
            gate.dismiss(hosts)
            await outbound.client.close()

    async def _weather(
        self, section: WeatherConfig, user: UUID, outbound: Outbound, words: Words
    ) -> TestResult:
        source = build_weather(section, outbound, self._base.cache)
        trial = Trial(outbound.gate, outbound.tls, words)
        server = _server_of(section.base_url)
        try:
            await trial.reach(server)
            await trial.step("read", str(server), source.probe)
        finally:
            await source.close()
        return trial.result()

    async def _calendar(
        self, section: CaldavConfig, user: UUID, outbound: Outbound, words: Words
    ) -> TestResult:
        calendar = build_calendar(section, outbound, frozenset((user,)), self._base.locales.zone)
        assert calendar is not None
        tls = Tls(section.ca_file) if section.ca_file else outbound.tls
        trial = Trial(outbound.gate, tls, words)
        try:
            return await _try_account(section.url, calendar, trial, words)
        finally:
            await calendar.close()

    async def _email(
        self, section: EmailConfig, user: UUID, outbound: Outbound, words: Words
    ) -> TestResult:
        pool = BlockingPool("trial")
        trial = Trial(outbound.gate, outbound.tls, words)
        try:
            parts = build_mail(section, outbound, pool, user)
            assert parts is not None
            await _try_reading(trial, section, parts, pool, words)
            if parts.sender is not None:
                await _try_sending(trial, section, parts, pool)
        finally:
            await pool.close()
        return trial.result()

    async def _search(
        self, section: SearchConfig, user: UUID, outbound: Outbound, words: Words
    ) -> TestResult:
        server = build_search(section, outbound)
        assert server is not None
        return await _try_probe(section.url, "read", server.probe, outbound, words)

    async def _whatsapp(
        self, section: WhatsAppConfig, user: UUID, outbound: Outbound, words: Words
    ) -> TestResult:
        parts = build_whatsapp(section, self._base.runtime.master_key, outbound)
        assert parts is not None
        return await _try_probe(
            section.graph_url, "sign_in", parts.whatsapp.client.probe, outbound, words
        )

    async def _speech(
        self, section: SpeechConfig, user: UUID, outbound: Outbound, words: Words
    ) -> TestResult:
        services = build_speech(section, outbound)
        assert services is not None
        trial = Trial(outbound.gate, outbound.tls, words)
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

    async def _telegram(
        self, section: TelegramConfig, user: UUID, outbound: Outbound, words: Words
    ) -> TestResult:
        parts = build_telegram(section, outbound)
        assert parts is not None
        return await _try_probe(section.api_url, "sign_in", parts.client.probe, outbound, words)

    async def _ntfy(
        self, section: NtfyConfig, user: UUID, outbound: Outbound, words: Words
    ) -> TestResult:
        parts = build_ntfy(section, outbound, frozenset((user,)))
        assert parts is not None
        return await _try_probe(section.server, "sign_in", parts.client.probe, outbound, words)

    async def _home(
        self, section: HomeAssistantConfig, user: UUID, outbound: Outbound, words: Words
    ) -> TestResult:
        parts = build_home(section, outbound)
        assert parts is not None
        trial = Trial(outbound.gate, outbound.tls, words)
        try:
            return await _try_account(section.url, parts.home, trial, words)
        finally:
            await parts.home.close()

    async def _backup_place(
        self, kind: str, section: Any, user: UUID, outbound: Outbound, words: Words
    ) -> TestResult:
        """Write a small file to a place for backups, read it, and delete it."""
        store = BUILDERS[kind](section, outbound)
        assert store is not None
        match section:
            case BackupWebdavConfig():
                return await _try_probe(section.url, "write", store.probe, outbound, words)
            case BackupS3Config():
                return await _try_probe(section.endpoint, "write", store.probe, outbound, words)
        trial = Trial(outbound.gate, outbound.tls, words)
        where = section.path if isinstance(section, BackupFolderConfig) else section.name
        await trial.step("write", where, store.probe)
        return trial.result()


async def _try_probe(
    url: str, step: StepName, probe: Callable[[], Awaitable[str]], outbound: Outbound, words: Words
) -> TestResult:
    """Reach a server, and take the one step that shows that it works."""
    trial = Trial(outbound.gate, outbound.tls, words)
    server = _server_of(url)
    await trial.reach(server)
    await trial.step(step, str(server), probe)
    return trial.result()


async def _try_account(url: str, account: Account, trial: Trial, words: Words) -> TestResult:
    """Reach a server, sign in, and read."""
    server = _server_of(url)

    async def sign_in() -> str:
        await account.check()
        return words.say("signed_in")

    await trial.reach(server)
    await trial.step("sign_in", str(server), sign_in)
    await trial.step("read", str(server), account.probe)
    return trial.result()


async def _program(service: WyomingService, words: Words, *, listens: bool) -> str:
    """Return what a service is called; one that does something else is a failure."""
    found = (await service.programs())[0 if listens else 1]
    if not found:
        raise UpstreamError(words.say("does_not_listen" if listens else "does_not_speak"))
    return ", ".join(found)


async def _try_reading(
    trial: Trial, section: EmailConfig, parts: MailParts, pool: BlockingPool, words: Words
) -> None:
    host, port = section.imap_address
    server = Server(host, port, tls=section.imap_security == "tls")
    imap = parts.account.imap

    async def encrypt() -> str:
        await pool.run(lambda deadline: imap_starttls(imap, deadline), section.timeout_s, host)
        return ""

    async def sign_in() -> str:
        await parts.account.in_mailbox(lambda _: None)
        return words.say("signed_in")

    await trial.reach(server)
    if not server.tls:
        await trial.step("tls", str(server), encrypt)
    await trial.step("sign_in", str(server), sign_in)
    await trial.step("read", str(server), parts.reader.probe)


async def _try_sending(
    trial: Trial, section: EmailConfig, parts: MailParts, pool: BlockingPool
) -> None:
    host, port = section.smtp_address
    server = Server(host, port, tls=section.smtp_security == "tls")
    sender = parts.sender
    assert sender is not None

    async def encrypt() -> str:
        smtp = sender.server
        await pool.run(lambda deadline: smtp_starttls(smtp, deadline), section.timeout_s, host)
        return ""

    await trial.reach(server)
    if not server.tls:
        await trial.step("tls", str(server), encrypt)
    await trial.step("sign_in", str(server), sender.probe)


def _server_of(url: str) -> Server:
    target = parse_url(url)
    return Server(target.host, target.port, tls=target.scheme == "https")
