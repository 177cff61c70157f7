"""Rooms are made once, by one process, and never where they would be encrypted."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from pisovereign.connectors.matrix.client import MatrixFailed
from pisovereign.connectors.matrix.rooms import PrivateRooms
from pisovereign.errors import HostFailed

MIA, BEN = "@mia:x", "@ben:x"


class _Account:
    """A homeserver that makes rooms."""

    def __init__(self, *, encrypts: bool = False, fails: str = "") -> None:
        self.saved: dict[str, str] = {}
        self.made: list[str] = []
        self.left: list[str] = []
        self.invited: list[tuple[str, str]] = []
        self._encrypts = encrypts
        self._fails = fails

    async def direct_rooms(self) -> dict[str, str]:
        return dict(self.saved)

    async def save_direct_rooms(self, rooms: dict[str, str]) -> None:
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
        raise MatrixFailed("already in the room", 403, 0.0)


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
