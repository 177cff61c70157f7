"""Which room is whose: one with nobody in it but somebody and the assistant."""

from __future__ import annotations

from pisovereign.connectors.matrix.client import MatrixClient, MatrixFailed

_GONE = frozenset((403, 404))  # what is said of a room that the account is not in any more


class PrivateRooms:
    """Rooms of one account; what is known is looked up again after a restart."""

    def __init__(self, client: MatrixClient) -> None:
        self._client = client
        self._used: dict[str, str] = {}

    async def person(self, room: str) -> str | None:
        """Return who else is in a room; None: nobody, several, or it was left.

        Raises:
            UpstreamError: That cannot be asked now.
        """
        try:
            others = await self._client.members(room) - {await self._client.me()}
        except MatrixFailed as error:
            if error.answered in _GONE:
                return None
            raise
        return others.pop() if len(others) == 1 else None

    def use(self, person: str, room: str) -> None:
        """Answer somebody where they wrote last."""
        self._used[person] = room

    async def used(self, person: str) -> str:
        """Return where somebody wrote last, unless others are there by now; else `readable`."""
        room = self._used.get(person)
        if room is not None and await self.person(room) == person:
            return room
        return await self.readable(person)

    async def readable(self, person: str) -> str:
        """Return a room without encryption where somebody is, or is invited to now.

        Raises:
            UpstreamError: There is none, and none can be made.
        """
        known = self._used.get(person)
        rooms = [known] if known else []
        rooms += [room for room in await self._client.rooms() if room != known]
        for room in rooms:
            if await self.person(room) == person and not await self._client.is_encrypted(room):
                return room
        return await self._client.open_room(person)
