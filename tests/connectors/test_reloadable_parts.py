"""Parts of connections are exchanged while they are used: nothing is cut off, and nothing stays."""

from __future__ import annotations

import asyncio
from typing import Any, cast
from uuid import UUID, uuid4

from pisovereign.connectors.calendar.connector import CONNECTOR
from pisovereign.connectors.calendar.settings import CaldavConfig
from pisovereign.connectors.connection_settings import Changed, ConnectionSettings, Effective
from pisovereign.connectors.form import ConnectionKind
from pisovereign.connectors.reloadable_parts import ReloadableParts
from pisovereign.outbound.gate import Gate

ALICE, BOB = uuid4(), uuid4()
HOST = "nas.home.example"


class Settings:
    """What is saved, as a test says; the configuration has Bob's."""

    def __init__(self) -> None:
        self.sections: dict[UUID, CaldavConfig] = {}
        self.local = True
        self.call: Changed

    def when_changed(self, call: Changed) -> None:
        self.call = call

    def base(self, kind: ConnectionKind) -> CaldavConfig:
        return CaldavConfig(url="https://cal.example/", username="from the configuration")

    def owners(self, kind: ConnectionKind) -> frozenset[UUID]:
        return frozenset((BOB,))

    def configured(self, kind: ConnectionKind, user: UUID) -> bool:
        return user == BOB

    def effective(self, kind: ConnectionKind, user: UUID) -> Effective | None:
        section = self.sections.get(user)
        return Effective(section, "saved", self.local) if section else None

    async def save(self, user: UUID, name: str | None) -> None:
        if name is None:
            self.sections.pop(user, None)
        else:
            self.sections[user] = CaldavConfig(url=f"https://{HOST}/", username=name)
        await self.call("calendar", user)


class Household:
    """Parts that are their user names, and those that were closed."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.gate = Gate()
        self.closed: list[str] = []
        self.live: ReloadableParts[str] = ReloadableParts(
            CONNECTOR.kind,
            cast("ConnectionSettings", self.settings),
            self.gate,
            build=lambda section, _: cast("str", section.username),
            close=self._close,
        )

    async def _close(self, parts: str) -> None:
        self.closed.append(parts)

    async def settle(self) -> list[str]:
        for _ in range(3):
            await asyncio.sleep(0)
        return self.closed


def run(work: Any) -> None:
    asyncio.run(work())


def test_who_uses_parts_goes_on_with_them() -> None:
    async def work() -> None:
        household = Household()
        await household.settings.save(ALICE, "old")
        with household.live.using(ALICE) as first, household.live.using(ALICE) as second:
            await household.settings.save(ALICE, "new")
            assert (first, second) == ("old", "old")
            with household.live.using(ALICE) as third:
                assert third == "new"
            assert await household.settle() == []
            assert household.gate.is_configured(HOST, 443)
        assert await household.settle() == ["old"]
        await household.settings.save(ALICE, None)
        assert await household.settle() == ["old", "new"]
        assert not household.gate.is_configured(HOST, 443)

    run(work)


def test_each_has_their_own_and_the_configuration_wins() -> None:
    async def work() -> None:
        household = Household()
        await household.settings.save(ALICE, "hers")
        await household.settings.save(BOB, "his")
        assert household.live.current(ALICE) == "hers"
        assert household.live.current(BOB) == "from the configuration"
        # It says by itself whose it is, and refuses others.
        assert household.live.current(uuid4()) == "from the configuration"

    run(work)


def test_only_an_owner_opens_the_way_into_the_local_network() -> None:
    async def work() -> None:
        household = Household()
        household.settings.local = False
        await household.settings.save(ALICE, "hers")
        assert household.live.current(ALICE) == "hers"
        assert not household.gate.is_configured(HOST, 443)

    run(work)


def test_another_kind_changes_nothing() -> None:
    async def work() -> None:
        household = Household()
        household.settings.sections[ALICE] = CaldavConfig(url=f"https://{HOST}/", username="x")
        await household.settings.call("weather", ALICE)
        assert household.live.current(ALICE) == "from the configuration"

    run(work)
