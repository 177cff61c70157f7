"""The client of a homeserver: one account, a few calls of Matrix' client-server API.

It goes out like everything else here, over the gate, which a library with connections of its own
would pass by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from pisovereign.connectors.messaging import LARGEST_RECORDING, MessengerFailed
from pisovereign.connectors.sending import retry_after
from pisovereign.errors import PayloadTooLarge, UpstreamError
from pisovereign.outbound.client import OutboundClient
from pisovereign.outbound.reply import Reply

T = TypeVar("T")
_WAY_S = 10.0  # beyond the time that events are waited for: for the way
_TYPING_MS = 30_000
_DIRECT = "m.direct"
_NOTHING: dict[str, Any] = {"types": []}
_encoder = msgspec.json.Encoder()


class _Events(msgspec.Struct):
    events: list[msgspec.Raw] = []
    limited: bool = False


class Joined(msgspec.Struct):
    """The events in a room that the account is in; `limited`: more than was asked for."""

    timeline: _Events = msgspec.field(default_factory=_Events)


class Rooms(msgspec.Struct):
    """Rooms where something happened, by their ids."""

    join: dict[str, Joined] = {}


class Sync(msgspec.Struct):
    """The events of a sync, and the position to ask with for those after them."""

    next_batch: str
    rooms: Rooms = msgspec.field(default_factory=Rooms)


class _Me(msgspec.Struct):
    user_id: str


class _Room(msgspec.Struct):
    room_id: str


class _Failure(msgspec.Struct):
    errcode: str = ""
    retry_after_ms: float = 0.0


class MatrixClient:
    """Asks and sends with the access token of one account.

    Args:
        client: The way out.
        homeserver: Its address.
        token: The access token.
        timeout_s: The longest time that one call takes, in seconds, but for waiting for events.
    """

    def __init__(
        self, client: OutboundClient, homeserver: str, token: str, timeout_s: float
    ) -> None:
        self._client = client
        self._server = homeserver.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.timeout_s = timeout_s
        self._me = ""

    async def me(self) -> str:
        """Return the account, such as `@assistant:example.org`.

        Raises:
            UpstreamError: The homeserver refuses, or is away; so with all calls.
        """
        if not self._me:
            self._me = (await self._get("v3/account/whoami", _Me)).user_id
        return self._me

    async def sync(
        self, since: str | None, rooms: Sequence[str], wait_s: int, most_events: int
    ) -> Sync:
        """Wait for what others write in some rooms, and return it.

        Args:
            since: After what; None: nothing is waited for, to learn what is the newest.
            rooms: Which rooms.
            wait_s: How long, in whole seconds.
            most_events: Of each room; of more the newest.
        """
        asked = {
            "filter": _encoder.encode(_filter(rooms, await self.me(), most_events)).decode(),
            "timeout": str(wait_s * 1000),
        }
        if since is not None:
            asked["since"] = since
        return await self._get(f"v3/sync?{urlencode(asked)}", Sync, wait_s + _WAY_S)

    async def direct_rooms(self) -> dict[str, str]:
        """Return the room with each person, as it was saved."""
        try:
            found = await self._get(await self._direct_path(), dict[str, list[str]])
        except MessengerFailed as error:
            if error.answered == 404:
                return {}
            raise
        return {person: rooms[-1] for person, rooms in found.items() if rooms}

    async def save_direct_rooms(self, rooms: Mapping[str, str]) -> None:
        """Save the room with each person, in the place of what was saved before."""
        body = {person: [room] for person, room in rooms.items()}
        await self._put(await self._direct_path(), body)

    async def make_room(self, account: str) -> str:
        """Make a room for somebody and the assistant alone, and invite them; return its id."""
        body = {
            "preset": "private_chat",
            "is_direct": True,
            "invite": [account],
            "initial_state": [
                {"type": "m.room.guest_access", "content": {"guest_access": "forbidden"}},
                {
                    "type": "m.room.history_visibility",
                    "content": {"history_visibility": "invited"},
                },
            ],
            # Nobody but who made it invites others, or changes what it is.
            "power_level_content_override": {"invite": 100, "state_default": 100, "events": {}},
        }
        return (await self._post("v3/createRoom", body, _Room)).room_id

    async def invite(self, room: str, account: str) -> None:
        """Invite somebody to a room, if they are not in it."""
        await self._post(f"v3/rooms/{_part(room)}/invite", {"user_id": account}, msgspec.Raw)

    async def leave(self, room: str) -> None:
        """Leave a room."""
        await self._post(f"v3/rooms/{_part(room)}/leave", {}, msgspec.Raw)

    async def is_encrypted(self, room: str) -> bool:
        """Return whether messages of a room are encrypted from end to end."""
        try:
            await self._get(f"v3/rooms/{_part(room)}/state/m.room.encryption/", msgspec.Raw)
        except MessengerFailed as error:
            if error.answered == 404:
                return False
            raise
        return True

    async def send(self, room: str, text: str, reference: str) -> None:
        """Send a text as it is; with the same `reference` it is there once."""
        path = f"v3/rooms/{_part(room)}/send/m.room.message/{_part(reference)}"
        await self._put(path, {"msgtype": "m.text", "body": text})

    async def show_typing(self, room: str) -> None:
        """Show that an answer is being written."""
        path = f"v3/rooms/{_part(room)}/typing/{_part(await self.me())}"
        await self._put(path, {"typing": True, "timeout": _TYPING_MS})

    async def show_read(self, room: str, event: str) -> None:
        """Show that everything up to an event was read."""
        path = f"v3/rooms/{_part(room)}/receipt/m.read/{_part(event)}"
        await self._post(path, {}, msgspec.Raw)

    async def recording(self, name: str) -> bytes:
        """Return a file that somebody sent; `name` is its server and id, as `mxc://` has them.

        Raises:
            PayloadTooLarge: It is larger than a recording is read.
            UpstreamError: It cannot be had.
        """
        server, _, media = name.partition("/")
        path = f"v1/media/download/{_part(server)}/{_part(media)}"
        reply = await self._client.get(
            f"{self._server}/_matrix/client/{path}", headers=self._headers, timeout_s=self.timeout_s
        )
        if reply.status != 200:
            raise _failure(reply)
        if len(reply.body) > LARGEST_RECORDING:
            raise PayloadTooLarge("The recording is too large")
        return reply.body

    async def probe(self) -> str:
        """Ask for the account, and say which one it is."""
        self._me = ""
        return f"is {await self.me()}"

    async def _direct_path(self) -> str:
        return f"v3/user/{_part(await self.me())}/account_data/{_DIRECT}"

    async def _get(self, path: str, kind: type[T], timeout_s: float | None = None) -> T:
        reply = await self._client.get(
            f"{self._server}/_matrix/client/{path}",
            headers=self._headers,
            timeout_s=timeout_s or self.timeout_s,
        )
        return _read(reply, kind)

    async def _post(self, path: str, body: dict[str, Any], kind: type[T]) -> T:
        reply = await self._client.post(
            f"{self._server}/_matrix/client/{path}",
            _encoder.encode(body),
            headers=self._headers,
            timeout_s=self.timeout_s,
        )
        return _read(reply, kind)

    async def _put(self, path: str, body: dict[str, Any]) -> None:
        reply = await self._client.put(
            f"{self._server}/_matrix/client/{path}",
            _encoder.encode(body),
            headers=self._headers,
            timeout_s=self.timeout_s,
        )
        _read(reply, msgspec.Raw)


def _part(text: str) -> str:
    """Return an id as one part of a path."""
    return quote(text, safe="")


def _read(reply: Reply, kind: type[T]) -> T:
    if reply.status != 200:
        raise _failure(reply)
    try:
        return msgspec.json.decode(reply.body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise UpstreamError("There is no homeserver of Matrix at matrix.homeserver") from None


def _failure(reply: Reply) -> MessengerFailed:
    """Return what is wrong; the homeserver's own text may quote, and is left out."""
    try:
        said = msgspec.json.decode(reply.body, type=_Failure)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        said = _Failure()
    wait_s = max(0.0, said.retry_after_ms / 1000) or retry_after(reply.headers, 5.0)
    return MessengerFailed(_explain(reply.status, said.errcode), reply.status, retry_after_s=wait_s)


def _filter(rooms: Sequence[str], me: str, most_events: int) -> dict[str, Any]:
    return {
        "presence": _NOTHING,
        "account_data": _NOTHING,
        "room": {
            "rooms": list(rooms),
            "account_data": _NOTHING,
            "ephemeral": _NOTHING,
            "state": _NOTHING,
            "timeline": {
                "types": ["m.room.message"],
                "not_senders": [me],
                "limit": most_events,
            },
        },
    }


def _explain(status: int, code: str) -> str:
    if status == 401:
        return "The homeserver refuses the token: set matrix.access_token to a valid one"
    if status == 429:
        return "The homeserver wants fewer calls for a while"
    if status == 404 and not code:
        return "There is no homeserver of Matrix at matrix.homeserver"
    if status == 403:
        return "The homeserver does not let the assistant's account do that"
    return f"The homeserver answers with status {status}"
