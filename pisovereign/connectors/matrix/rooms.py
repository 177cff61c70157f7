"""Which room is whose: one with nobody in it but somebody and the assistant."""

from __future__ import annotations

from pisovereign.connectors.matrix.client import MatrixClient, MatrixFailed


class PrivateRooms:
    """Rooms of one account; what is known is looked up again after a restart."""

    def __init__(self, client: MatrixClient) -> None:
        self._client = client
        self._used: dict[str, str] = {}

    async def person(self, room: str) -> str | None:
        """Return who else is in a room; None: nobody, or several.

        Raises:
            UpstreamError: That cannot be asked now.
        """
        others = await self._client.members(room) - {await self._client.me()}
        return others.pop() if len(others) == 1 else None

    def use(self, person: str, room: str) -> None:
        """Answer somebody where they wrote last."""
        self._used[person] = room

    async def used(self, person: str) -> str:
        """Return where somebody wrote last, else `readable`."""
        return self._used.get(person) or await self.readable(person)

    async def readable(self, person: str) -> str:
        """Return a room without encryption where somebody is, or is invited to now.

        Raises:
            UpstreamError: There is none, and none can be made.
        """
        known = self._used.get(person)
        rooms = [known] if known else []
        rooms += [room for room in await self._client.rooms() if room != known]
        for room in rooms:
            if await self._is_readable(person, room):
                return room
        return await self._client.open_room(person)

    async def _is_readable(self, person: str, room: str) -> bool:
        try:
            return await self.person(room) == person and not await self._client.is_encrypted(room)
        except MatrixFailed as error:
            if error.answered in (403, 404):  # the room was left meanwhile
                return False
            raise
