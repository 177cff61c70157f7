"""Events of the assistant's account: messages of people, each in a room with nobody else in it."""

from __future__ import annotations

import datetime as dt
import logging
import re
from typing import Any

import msgspec

from pisovereign.connectors.matrix.client import Invited, MatrixClient, MatrixFailed
from pisovereign.connectors.matrix.rooms import PrivateRooms
from pisovereign.connectors.messaging import LONGEST_TEXT, Batch, Incoming, Kind, Later
from pisovereign.connectors.people import People

_log = logging.getLogger(__name__)
_MISTAKEN_S = 30.0  # after an answer that only a person can do something about
# A room that is joined shows what was written in it before: that is not answered for ever.
_OLDEST = dt.timedelta(days=1)
_MEDIA = re.compile(r"mxc://([A-Za-z0-9.:\[\]-]{1,255}/[A-Za-z0-9_=-]{1,255})")


class _Event(msgspec.Struct):
    type: str
    sender: str
    event_id: str = ""
    origin_server_ts: float = 0.0
    state_key: str | None = None
    content: dict[str, Any] = {}


class Events:
    """The events of one account, as they are asked for; a `Source`.

    Args:
        client: The account.
        rooms: Which room is whose.
        people: Who may write.
        account: What names the account.
        wait_s: How long one question waits for something, in whole seconds.
    """

    stale_s: float | None = None

    def __init__(
        self, client: MatrixClient, rooms: PrivateRooms, people: People, account: str, wait_s: int
    ) -> None:
        self._client = client
        self._rooms = rooms
        self._people = people
        self.account = account
        self._wait_s = wait_s

    async def receive(self, position: str | None) -> Batch:
        """Wait for what happens, and join the rooms that listed people invite to.

        Raises:
            Later: The homeserver wants to be left alone, or refuses the token.
            UpstreamError: It is away.
        """
        try:
            # The first time it is only learned what is the newest: it was not written to this.
            wait_s = self._wait_s if position else 0
            sync = await self._client.sync(position, wait_s)
            for room, invited in sync.rooms.invite.items():
                await self._answer_invitation(room, invited)
            events: list[Incoming] = []
            for room, joined in sync.rooms.join.items() if position else ():
                events += await self._of_room(room, joined.timeline.events)
        except MatrixFailed as error:
            if error.answered == 429:
                raise Later(max(1.0, error.retry_after_s)) from None
            if error.answered in (401, 403, 404):
                raise Later(_MISTAKEN_S, error.message) from None
            raise
        events.sort(key=lambda each: each.sent_at)
        return Batch(events, sync.next_batch)

    async def _answer_invitation(self, room: str, invited: Invited) -> None:
        me = await self._client.me()
        for raw in invited.invite_state.events:
            event = _decode(raw)
            if event is None or event.type != "m.room.member" or event.state_key != me:
                continue
            if self._people.user(event.sender) is None:
                _log.info("ignored an invitation on Matrix from an account that is not listed")
                return
            try:
                await self._client.join(room)
            except MatrixFailed as error:
                if error.answered not in (403, 404):
                    raise
                _log.warning("an invitation on Matrix could not be accepted: %s", error.message)
            return

    async def _of_room(self, room: str, raw: list[msgspec.Raw]) -> list[Incoming]:
        events = [event for each in raw if (event := _decode(each)) is not None]
        me = await self._client.me()
        if all(event.sender == me for event in events):
            return []
        person = await self._rooms.person(room)
        if person is None:
            _log.info("ignored what was written in a room of Matrix that others are in too")
            return []
        found = [_incoming(room, event) for event in events if event.sender == person]
        messages = [message for message in found if message is not None]
        if messages:
            self._rooms.use(person, room)
        return messages


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
    if not event.event_id or now - sent_at > _OLDEST or relation.get("rel_type") == "m.replace":
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
    if event.type == "m.room.encrypted":
        return "encrypted", "", ""
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
    while lines and lines[0].startswith("> "):
        del lines[0]
    return "\n".join(lines).strip()


def _moment(milliseconds: float) -> dt.datetime | None:
    try:
        return dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC)
    except (OverflowError, OSError, ValueError):
        return None
