"""The program of the process that reads files; see `process.confined`."""

from __future__ import annotations

import codecs
import zoneinfo
from collections.abc import Callable

import msgspec

from pisovereign.documents.formats import markup, messages, office, pdf, plain
from pisovereign.documents.formats.parsed import Format, Parsed, Unreadable

_PARSERS: dict[Format, Callable[[bytes], Parsed]] = {
    "text": plain.parse_text,
    "markdown": plain.parse_markdown,
    "pdf": pdf.parse_pdf,
    "docx": office.parse_docx,
    "odt": office.parse_odt,
    "html": markup.parse_html,
    "eml": messages.parse_eml,
    "ics": messages.parse_ics,
}
# Reading them once imports what the libraries import late.
_CHARSETS = (
    *(f"iso8859-{part}" for part in range(1, 17) if part != 12),
    *(f"cp125{part}" for part in range(9)),
    *(
        "ascii",
        "latin-1",
        "utf-8-sig",
        "utf-16-le",
        "utf-16-be",
        "idna",
        "punycode",
        "utf-7",
        "utf-16",
        "utf-32",
        "koi8-r",
        "koi8-u",
        "mac-roman",
        "gb18030",
        "gbk",
    ),
    *("big5", "shift_jis", "cp932", "euc_jp", "iso2022_jp", "euc_kr", "tis-620", "cp437", "cp850"),
)
_MAIL = (
    b"From: a@example.org\r\nDate: Sat, 7 Feb 2026 10:30:00 +0100\r\n"
    b"Subject: =?utf-8?q?=C3=A4?=\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
    b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    b"PHA+YTwvcD4=\r\n--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\n=E4\r\n--b--\r\n"
)
_CALENDAR = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\n"
    b"DTSTART;TZID=Europe/Berlin:20260207T103000\r\nRRULE:FREQ=DAILY\r\nSUMMARY:a\r\n"
    b"ATTENDEE:mailto:a@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def prepare() -> None:
    """Load what reading needs: no file can be opened afterwards."""
    pdf.prepare()
    markup.parse_html(b"<!doctype html><title>a</title><p>a")
    messages.parse_eml(_MAIL)
    messages.parse_ics(_CALENDAR)
    for zone in zoneinfo.available_timezones():
        zoneinfo.ZoneInfo(zone)
    for name in _CHARSETS:
        codecs.lookup(name)


def convert(data: bytes, arguments: list[str]) -> bytes:
    """Return the `Parsed` of a file as JSON; the argument is its format."""
    kind = msgspec.convert(arguments[0], Format)
    try:
        parsed = _PARSERS[kind](data)
        if not parsed.blocks and not parsed.problem:
            parsed = Parsed(problem="it has no text")
    except Unreadable as problem:
        parsed = Parsed(problem=str(problem))
    except (RecursionError, MemoryError):
        parsed = Parsed(problem="it is nested too deeply, or takes too much memory")
    return msgspec.json.encode(parsed)
