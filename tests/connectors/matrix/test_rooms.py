"""Rooms are made once, by one process, and never where they would be encrypted."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from pisovereign.connectors.matrix.rooms import PrivateRooms
from pisovereign.connectors.messaging import MessengerFailed
from pisovereign.errors import HostFailed

MIA, BEN = "@mia:x", "@ben:x"


class _Account:
    """A homeserver that makes rooms."""

    def __init__(self, *, encrypts: bool = False, fails: str = "") -> None:
        self.saved: dict[str, str] = {}
        self.made: list[str] = []
        self.left: list[str] = []
        self.invited: list[tuple[str, str]] = []
        self.looked = 0
        self._encrypts = encrypts
        self._fails = fails
        self.keeps_nothing = False

    async def direct_rooms(self) -> dict[str, str]:
        self.looked += 1
        return dict(self.saved)

    async def save_direct_rooms(self, rooms: dict[str, str]) -> None:
        if self.keeps_nothing:
            raise HostFailed("away")
        self.saved = dict(rooms)

    async def make_room(self, account: str) -> str:
        if account == self._fails:
            raise HostFailed("away")
        self.made.append(account)
        return f"!{len(self.made)}"

    async def is_encrypted(self, room: str) -> bool:
        return self._encrypts

    async def leave(self, room: str) -> None:
        self.left.append(room)

    async def invite(self, room: str, account: str) -> None:
        self.invited.append((room, account))
        raise MessengerFailed("already in the room", 403, retry_after_s=0.0)


def rooms(account: _Account) -> PrivateRooms:
    return PrivateRooms(cast("Any", account))


def prepared(of: PrivateRooms, *people: str) -> dict[str, str]:
    return asyncio.run(of.prepare(people))


def test_everybody_has_one_room_also_after_a_restart() -> None:
    account = _Account()
    of = rooms(account)
    assert prepared(of, MIA, BEN) == {"!1": MIA, "!2": BEN}
    assert prepared(of, MIA, BEN) == {"!1": MIA, "!2": BEN}
    assert prepared(rooms(account), MIA) == {"!1": MIA}
    assert asyncio.run(rooms(account).of(BEN)) == "!2"
    assert account.made == [MIA, BEN]
    assert ("!1", MIA) in account.invited


def test_a_room_that_is_encrypted_is_left_and_not_made_again_and_again() -> None:
    account = _Account(encrypts=True)
    of = rooms(account)
    for _ in range(3):
        assert prepared(of, MIA) == {}
    assert (account.made, account.left, account.saved) == ([MIA], ["!1"], {})
    assert asyncio.run(of.of(MIA)) is None


def test_whoever_cannot_be_invited_holds_up_nobody_else() -> None:
    account = _Account(fails=MIA)
    assert prepared(rooms(account), MIA, BEN) == {"!1": BEN}


def test_what_failed_costs_nothing_with_each_question() -> None:
    account = _Account(fails=MIA)
    of = rooms(account)
    prepared(of, MIA, BEN)
    before = (account.looked, len(account.invited), len(account.made))
    for _ in range(3):
        prepared(of, MIA, BEN)
    assert (account.looked, len(account.invited), len(account.made)) == before


def test_an_encrypted_room_is_not_made_again_later_either(monkeypatch: pytest.MonkeyPatch) -> None:
    account = _Account(encrypts=True)
    of = rooms(account)
    prepared(of, MIA)
    monkeypatch.setattr("time.monotonic", lambda: 1e9)
    prepared(of, MIA)
    assert account.made == [MIA]


def test_a_room_that_nobody_will_find_again_is_left() -> None:
    account = _Account()
    account.keeps_nothing = True
    assert prepared(rooms(account), MIA) == {}
    assert account.left == ["!1"]
