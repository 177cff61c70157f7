"""Events of the assistant's account: messages of people, each in a room with nobody else in it."""

from __future__ import annotations

import datetime as dt
import logging
import re
from typing import Any

import msgspec

from pisovereign.connectors.matrix.client import MatrixClient, Sync
from pisovereign.connectors.matrix.rooms import PrivateRooms
from pisovereign.connectors.messaging import LONGEST_TEXT, Batch, Incoming, Kind, MessengerFailed
from pisovereign.connectors.people import People
from pisovereign.errors import AnswerRefused

_log = logging.getLogger(__name__)
_MISTAKES = frozenset((401, 403, 404))
# As Telegram, which forgets what was not fetched for a day.
_OLDEST = dt.timedelta(days=1)
_MOST_EVENTS = (50, 5)  # of each room, in one answer
_MEDIA = re.compile(r"mxc://([A-Za-z0-9.:\[\]-]{1,255}/[A-Za-z0-9_=-]{1,255})")


class _Event(msgspec.Struct):
    type: str
    sender: str
    event_id: str = ""
    origin_server_ts: float = 0.0
    content: dict[str, Any] = {}


class Events:
    """The messages of one account; a `Source`.

    Args:
        client: The account.
        rooms: Which room is whose.
        people: Who may write: all of them are invited to a room of their own.
        wait_s: How long one question waits for something, in whole seconds.
    """

    stale_s: float | None = None

    def __init__(
        self, client: MatrixClient, rooms: PrivateRooms, people: People, wait_s: int
    ) -> None:
        self._client = client
        self._rooms = rooms
        self._people = people
        self._wait_s = wait_s

    async def account(self) -> str:
        """Return what names the account, whatever its token is.

        Raises:
            UpstreamError: The homeserver cannot be asked.
        """
        try:
            return await self._client.me()
        except MessengerFailed as error:
            raise error.later(_MISTAKES) from None

    async def receive(self, position: str | None) -> Batch:
        """Wait for what happens.

        Raises:
            Later: The homeserver wants to be left alone, or refuses the token.
            UpstreamError: It is away.
        """
        try:
            if position is None:
                # It is learned what is the newest, before anybody is invited to write.
                return Batch((), (await self._client.sync(None, [], 0, 1)).next_batch)
            whose = await self._rooms.prepare(self._people.addresses())
            sync = await self._sync(position, list(whose))
        except MessengerFailed as error:
            raise error.later(_MISTAKES) from None
        events = [
            message
            for room, joined in sync.rooms.join.items()
            for raw in joined.timeline.events
            if (message := _message(raw, room, whose.get(room))) is not None
        ]
        if any(joined.timeline.limited for joined in sync.rooms.join.values()):
            _log.warning("so much was written on Matrix that its beginning is not answered")
        events.sort(key=lambda each: each.sent_at)
        return Batch(events, sync.next_batch)

    async def _sync(self, position: str, rooms: list[str]) -> Sync:
        """Return what happened; less of it where all of it is too large to be read."""
        for most in _MOST_EVENTS:
            try:
                return await self._client.sync(position, rooms, self._wait_s, most)
            except AnswerRefused:
                continue
        return await self._client.sync(position, rooms, self._wait_s, 1)


def _message(raw: msgspec.Raw, room: str, person: str | None) -> Incoming | None:
    """Return a message of the person whose room it is; None: it is none."""
    event = _decode(raw)
    if event is None or person is None or event.sender != person:
        return None
    return _incoming(room, event)


def _decode(raw: msgspec.Raw) -> _Event | None:
    try:
        return msgspec.json.decode(raw, type=_Event)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _incoming(room: str, event: _Event) -> Incoming | None:
    """Return a message; None: it says nothing new, is a program's, or too old."""
    now = dt.datetime.now(dt.UTC)
    sent_at = min(now, _moment(event.origin_server_ts) or now)
    relation = event.content.get("m.relates_to")
    relation = relation if isinstance(relation, dict) else {}
    if (
        not event.event_id
        or not event.content
        or now - sent_at > _OLDEST
        or relation.get("rel_type") == "m.replace"
    ):
        return None
    kind, text, recording = _content(event, replies="m.in_reply_to" in relation)
    if kind is None:
        return None
    info = event.content.get("info")
    size = info.get("size") if isinstance(info, dict) else 0
    return Incoming(
        id=f"{room} {event.event_id}",
        address=event.sender,
        kind=kind,
        text=text,
        sent_at=sent_at,
        recording=recording,
        size=size if isinstance(size, int) and size > 0 else 0,
        name=event.sender,
    )


def _content(event: _Event, *, replies: bool) -> tuple[Kind | None, str, str]:
    """Return what a message is, its text, and what names its recording."""
    form, body = event.content.get("msgtype"), event.content.get("body")
    if event.type != "m.room.message" or form == "m.notice":
        return None, "", ""  # programs answer nothing that is a notice
    text = body if isinstance(body, str) else ""
    if form == "m.text" and (own := _own_words(text) if replies else text).strip():
        return "text", own.replace("\0", "")[:LONGEST_TEXT], ""
    url = event.content.get("url")
    media = _MEDIA.fullmatch(url) if form == "m.audio" and isinstance(url, str) else None
    return ("voice", "", media[1]) if media else ("other", "", "")


def _own_words(text: str) -> str:
    """Return a reply without what it quotes at its beginning: those are not its sender's words."""
    lines = text.split("\n")
    while lines and lines[0].startswith(">"):
        del lines[0]
    return "\n".join(lines).strip()


def _moment(milliseconds: float) -> dt.datetime | None:
    try:
        return dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC)
    except (OverflowError, OSError, ValueError):
        return None
