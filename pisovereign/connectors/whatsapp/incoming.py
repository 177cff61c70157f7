"""Webhooks in Meta's form; a part that is not understood hides no other one."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from pisovereign.asgi.body import decode_json
from pisovereign.connectors.messaging import LONGEST_TEXT, Incoming, Kind
from pisovereign.connectors.whatsapp.senders import digits
from pisovereign.errors import BadRequest

_LONGEST_ID = 512
_SCHEME = "sha256="
_MEDIA = re.compile(r"[A-Za-z0-9_-]{1,200}")
# Said about a message, or by WhatsApp itself: nothing that somebody waits for an answer to.
_SILENT = frozenset(
    ("reaction", "system", "unsupported", "unknown", "ephemeral", "request_welcome")
)


def messages(body: bytes, phone_number_id: str) -> list[Incoming]:
    """Return the messages to one of our numbers, the oldest first.

    Statuses, reactions and messages to other numbers are left out.

    Raises:
        BadRequest: the body is not a JSON object.
    """
    data = decode_json(body)
    if not isinstance(data, dict):
        raise BadRequest("The request body is not a JSON object")
    found = [
        message
        for value in _values(data)
        if _is_to(value, phone_number_id)
        for raw in _list(value.get("messages"))
        if (message := _message(raw)) is not None
    ]
    return sorted(found, key=lambda message: message.sent_at)


def _values(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if data.get("object") != "whatsapp_business_account":
        return
    for entry in _list(data.get("entry")):
        for change in _list(entry.get("changes")):
            value = change.get("value")
            if change.get("field", "messages") == "messages" and isinstance(value, dict):
                yield value


def _list(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _is_to(value: dict[str, Any], phone_number_id: str) -> bool:
    metadata = value.get("metadata")
    if not isinstance(metadata, dict) or "phone_number_id" not in metadata:
        return True
    return bool(metadata["phone_number_id"] == phone_number_id)


def _message(raw: dict[str, Any]) -> Incoming | None:
    phone, kind = raw.get("from"), raw.get("type")
    if not isinstance(phone, str) or not isinstance(kind, str) or kind in _SILENT:
        return None
    identifier = raw.get("id")
    if not isinstance(identifier, str) or not 0 < len(identifier) <= _LONGEST_ID:
        # Meta always sends one; the same message without one is still the same.
        identifier = hashlib.sha256(msgspec.json.encode(raw, order="sorted")).hexdigest()
    forwarded = _is_forwarded(raw)
    text = "" if forwarded else _text(raw, kind)
    media = "" if forwarded else _recording(raw, kind)
    known: Kind = "text" if text else "voice" if media else "other"
    return Incoming(
        id=identifier,
        address=digits(phone),
        kind="forwarded" if forwarded else known,
        text=text,
        sent_at=_sent_at(raw.get("timestamp")),
        recording=media,
    )


def _is_forwarded(raw: dict[str, Any]) -> bool:
    """Return whether somebody else wrote it: those words are not the sender's own."""
    context = raw.get("context")
    marks = ("forwarded", "frequently_forwarded")
    return isinstance(context, dict) and any(context.get(mark) for mark in marks)


def _text(raw: dict[str, Any], kind: str) -> str:
    """Return what somebody wrote or tapped; empty for pictures and the like."""
    place = {
        "text": ("text", "body"),
        "button": ("button", "text"),
        "interactive": ("interactive", "button_reply", "title"),
    }.get(kind, ())
    value: Any = raw if place else None
    for name in place:
        value = value.get(name) if isinstance(value, dict) else None
    return value.replace("\0", "").strip()[:LONGEST_TEXT] if isinstance(value, str) else ""


def _recording(raw: dict[str, Any], kind: str) -> str:
    """Return the id of a recording; empty: it is none."""
    audio = raw.get("audio") if kind == "audio" else None
    media = audio.get("id") if isinstance(audio, dict) else None
    return media if isinstance(media, str) and _MEDIA.fullmatch(media) else ""


def _sent_at(value: object) -> dt.datetime:
    """Meta's time, in seconds since 1970; never later than now."""
    now = dt.datetime.now(dt.UTC)
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        return now
    return min(now, dt.datetime.fromtimestamp(int(text), dt.UTC))


def is_signed(body: bytes, header: str | None, secret: str) -> bool:
    """Return whether Meta signed exactly these bytes, compared in constant time."""
    if not secret or not header or not header.startswith(_SCHEME):
        return False
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    given = header.removeprefix(_SCHEME).encode("ascii", "replace")
    return hmac.compare_digest(given, expected.encode())
