"""A calendar server, an account on it, and the ways to talk to it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import trustme

from pisovereign.connectors.calendar.client import Account, CalDavClient
from pisovereign.connectors.calendar.session import OutboundAccess
from pisovereign.connectors.calendar.source import CalDavCalendar
from pisovereign.net.hosts import AllowedHost, parse_url
from pisovereign.outbound.breakers import Breakers
from pisovereign.outbound.gate import Gate
from pisovereign.outbound.tls import Tls
from tests.connectors.calendar.radicale import NAME, PASSWORD, Radicale

BERLIN = ZoneInfo("Europe/Berlin")
OWNER = uuid.UUID("00000000-0000-4000-8000-00000000000a")


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def radicale(tmp_path_factory: pytest.TempPathFactory, authority: trustme.CA) -> Iterator[Radicale]:
    """The server, with two calendars that tests only read."""
    running = Radicale(tmp_path_factory.mktemp("radicale"), authority).start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory, authority: trustme.CA) -> Iterator[Radicale]:
    """The same without TLS, for a proxy that has to see what is asked."""
    running = Radicale(tmp_path_factory.mktemp("plain"), authority, tls=False).start()
    yield running
    running.stop()


@pytest.fixture
def fresh(radicale: Radicale) -> str:
    """The name of a new, empty calendar."""
    name = f"c{uuid.uuid4().hex}"
    radicale.make_calendar(name)
    return name


class Opened:
    """Calendars as the program would open them, and what has to be closed after the test."""

    def __init__(self, radicale: Radicale) -> None:
        self._radicale = radicale
        self.gates: list[Gate] = []
        self._calendars: list[CalDavCalendar] = []

    def account(self, **changes: object) -> Account:
        fields: dict[str, object] = {
            "url": self._radicale.url,
            "username": NAME,
            "password": PASSWORD,
        }
        return Account(**(fields | changes))  # type: ignore[arg-type]

    def caldav(self, *, breakers: Breakers | None = None, **changes: object) -> CalDavClient:
        account = self.account(**changes)
        target = parse_url(account.url)
        gate = Gate([AllowedHost(target.host, target.port)])
        self.gates.append(gate)
        tls = Tls(str(self._radicale.ca_file))
        return CalDavClient(account, OutboundAccess(gate, breakers or Breakers(), tls))

    def calendar(
        self, *, zone: ZoneInfo = BERLIN, limit_s: float = 20.0, **changes: object
    ) -> CalDavCalendar:
        made = CalDavCalendar(
            self.caldav(**changes),  # type: ignore[arg-type]
            owners=frozenset((OWNER,)),
            zones=lambda _: zone,
            limit_s=limit_s,
        )
        self._calendars.append(made)
        return made

    def close(self) -> None:
        for calendar in self._calendars:
            asyncio.run(calendar.close())
        for gate in self.gates:
            gate.close()


@pytest.fixture
def opened(radicale: Radicale) -> Iterator[Opened]:
    made = Opened(radicale)
    yield made
    made.close()


def fixture_text(name: str) -> str:
    """One of the files in `ics/`, as programs write them."""
    return (Path(__file__).parent / "ics" / f"{name}.ics").read_bytes().decode()
