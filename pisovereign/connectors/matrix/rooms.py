"""Rooms of the assistant with one person each, which it makes itself.

Only the assistant may invite anybody into such a room, or change what it is. So nobody else ever
reads in it, and it stays without encryption. Which room is whose is kept where apps of Matrix look
for rooms of two: in the account data of the assistant's account.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Collection
from contextlib import suppress

from pisovereign.connectors.matrix.client import MatrixClient
from pisovereign.connectors.messaging import MessengerFailed
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
        self._again_at: dict[str, float] = {}
        self._greeted = False

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
        now = time.monotonic()
        due = [
            person
            for person in people
            if person not in self._rooms and now >= self._again_at.get(person, now)
        ]
        if due or not self._greeted:
            self._rooms = await self._client.direct_rooms()
        if not self._greeted:
            await self._invite_again(people)
        for person in due:
            if person in self._rooms:
                continue
            try:
                await self._make(person)
            except PiSovereignError as error:
                self._again_at[person] = now + _AGAIN_S
                _log.warning("somebody could not be invited on Matrix: %s", error.message)
        return {room: person for person, room in self._rooms.items() if person in people}

    async def _invite_again(self, people: Collection[str]) -> None:
        """Invite those who left their room; once is enough."""
        for person, room in self._rooms.items():
            if person in people:
                with suppress(MessengerFailed):  # they are there
                    await self._client.invite(room, person)
        self._greeted = True

    async def _make(self, person: str) -> None:
        room = await self._client.make_room(person)
        try:
            if await self._client.is_encrypted(room):
                # So would be the next one, until somebody has changed that.
                self._again_at[person] = math.inf
                _log.warning("%s", ENCRYPTED)
                with suppress(PiSovereignError):
                    await self._client.leave(room)
                return
            rooms = self._rooms | {person: room}
            await self._client.save_direct_rooms(rooms)
        except PiSovereignError:
            with suppress(PiSovereignError):
                await self._client.leave(room)
            raise
        self._rooms = rooms
