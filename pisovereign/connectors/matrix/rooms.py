"""Rooms of the assistant with one person each, which it makes itself.

Only the assistant may invite anybody into such a room, or change what it is. So nobody else ever
reads in it, and it stays without encryption. Which room is whose is kept where apps of Matrix look
for rooms of two: in the account data of the assistant's account.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection
from contextlib import suppress

from pisovereign.connectors.matrix.client import MatrixClient, MatrixFailed
from pisovereign.errors import PiSovereignError

_log = logging.getLogger(__name__)
_AGAIN_S = 60.0  # until a room is tried to be made again
ENCRYPTED = (
    "The homeserver encrypts every new room, which the assistant cannot read: let it not, with "
    "encryption_enabled_by_default_for_room_type"
)


class PrivateRooms:
    """The rooms of one account."""

    def __init__(self, client: MatrixClient) -> None:
        self._client = client
        self._rooms: dict[str, str] = {}
        self._failed_at: dict[str, float] = {}

    async def of(self, person: str) -> str | None:
        """Return the room with somebody; None: it is not made yet.

        Raises:
            UpstreamError: That cannot be asked now.
        """
        if person not in self._rooms:
            self._rooms = await self._client.direct_rooms()
        return self._rooms.get(person)

    async def prepare(self, people: Collection[str]) -> dict[str, str]:
        """Make rooms for those who have none, and invite them; return whose room each is.

        What fails is tried again later. Only who holds the lease of the account calls this: two
        would make two rooms.

        Raises:
            UpstreamError: It cannot be asked now which there are.
        """
        if not all(person in self._rooms for person in people):
            self._rooms = await self._client.direct_rooms()
            for person, room in self._rooms.items():
                if person in people:
                    with suppress(MatrixFailed):  # they are there
                        await self._client.invite(room, person)
        for person in people:
            if person not in self._rooms and self._is_due(person):
                try:
                    await self._make(person)
                except PiSovereignError as error:
                    self._failed_at[person] = time.monotonic()
                    _log.warning("somebody could not be invited on Matrix: %s", error.message)
        return {room: person for person, room in self._rooms.items() if person in people}

    def _is_due(self, person: str) -> bool:
        failed_at = self._failed_at.get(person)
        return failed_at is None or time.monotonic() > failed_at + _AGAIN_S

    async def _make(self, person: str) -> None:
        room = await self._client.make_room(person)
        if await self._client.is_encrypted(room):
            await self._client.leave(room)
            self._failed_at[person] = time.monotonic()
            _log.warning("%s", ENCRYPTED)
            return
        rooms = self._rooms | {person: room}
        await self._client.save_direct_rooms(rooms)
        self._rooms = rooms
