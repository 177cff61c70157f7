"""Stored mails (eml) and calendars (ics)."""

from __future__ import annotations

import datetime as dt
from email import message_from_bytes, policy
from email.message import EmailMessage

import icalendar

from pisovereign.documents.formats.markup import parse_html
from pisovereign.documents.formats.parsed import MOST_DEPTH, Collector, Parsed, Unreadable
from pisovereign.documents.formats.plain import parse_text

_HEADERS = ("From", "To", "Cc", "Date", "Subject")
_MOST_PARTS = 1_000
_EVENT = ("SUMMARY", "DTSTART", "DTEND", "DUE", "LOCATION", "RRULE", "DESCRIPTION", "ATTENDEE")
_NAMES = {"SUMMARY": "", "DTSTART": "Start: ", "DTEND": "End: ", "DUE": "Due: "}


def parse_eml(data: bytes) -> Parsed:
    """Return who wrote a mail to whom and when, and what; attachments are named.

    Raises:
        Unreadable: it is nested too deeply.
    """
    message = message_from_bytes(data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    out = Collector()
    out.add("\n".join(f"{name}: {_header(message, name)}" for name in _HEADERS if name in message))
    for part in _parts(message):
        kind = part.get_content_type()
        name = part.get_filename()
        if name:
            out.add(f"Attachment: {name}")
        elif kind in ("text/plain", "text/html"):
            payload = part.get_payload(decode=True)
            body = payload if isinstance(payload, bytes) else b""
            if kind == "text/plain":
                body = _recoded(body, part.get_content_charset())
            for block in (parse_html if kind == "text/html" else parse_text)(body).blocks:
                out.add(block.text, level=block.level)
    return Parsed(out.blocks, title=_header(message, "Subject"))


def _parts(message: EmailMessage, depth: int = 0) -> list[EmailMessage]:
    """Return the parts that are read: of alternatives the plainest one."""
    if depth > MOST_DEPTH // 10:
        raise Unreadable("its parts are nested too deeply")
    if not message.is_multipart():
        return [message]
    inner = [part for part in message.iter_parts() if isinstance(part, EmailMessage)]
    if message.get_content_type() == "multipart/alternative":
        plain = [part for part in inner if part.get_content_type() == "text/plain"]
        inner = plain or inner
    found: list[EmailMessage] = []
    for part in inner:
        found += _parts(part, depth + 1)
        if len(found) > _MOST_PARTS:
            raise Unreadable("it has too many parts")
    return found


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except (ValueError, IndexError, AttributeError, TypeError):
        return ""  # the parser of the standard library fails on some that are broken


def _recoded(body: bytes, charset: str | None) -> bytes:
    try:
        return body.decode(charset or "utf-8").encode()
    except (LookupError, UnicodeError):
        return body


def parse_ics(data: bytes) -> Parsed:
    """Return each event and task of a calendar as a block.

    Raises:
        Unreadable: it is no calendar.
    """
    out = Collector()
    name = ""
    try:
        calendars = icalendar.Calendar.from_ical(data, multiple=True)
        for calendar in calendars:
            name = name or str(calendar.get("X-WR-CALNAME", ""))
            for component in calendar.walk():
                if component.name in ("VEVENT", "VTODO", "VJOURNAL"):
                    out.add("\n".join(_lines(component)))
    except (ValueError, IndexError, KeyError, TypeError, AttributeError):
        raise Unreadable("it is no calendar that can be read") from None
    return Parsed(out.blocks, title=name)


def _lines(component: icalendar.Component) -> list[str]:
    lines = []
    for name in _EVENT:
        values = component.get(name)
        for value in values if isinstance(values, list) else [] if values is None else [values]:
            lines.append(f"{_NAMES.get(name, name.capitalize() + ': ')}{_value(value)}")
    return lines


def _value(value: object) -> str:
    moment = getattr(value, "dt", None)
    if isinstance(moment, dt.datetime):
        return f"{moment:%Y-%m-%d %H:%M}"
    if isinstance(moment, dt.date):
        return f"{moment:%Y-%m-%d}"
    to_ical = getattr(value, "to_ical", None)
    text = to_ical() if to_ical is not None and not isinstance(value, str) else value
    return text.decode(errors="replace") if isinstance(text, bytes) else str(text)
