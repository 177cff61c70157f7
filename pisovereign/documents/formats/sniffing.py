"""Formats of files by their bytes: a sender's word decides only between kinds of text."""

from __future__ import annotations

import re

from pisovereign.documents.formats.parsed import Format, Unreadable

_ENDINGS: dict[str, Format] = {
    "md": "markdown",
    "markdown": "markdown",
    "html": "html",
    "htm": "html",
    "xhtml": "html",
    "eml": "eml",
    "ics": "ics",
    "ical": "ics",
}
_HTML = re.compile(rb"\s*(?:<!--.{0,2000}?-->\s*)*<(?:!doctype html|html|head|body)\b", re.I | re.S)
_HEADER = re.compile(
    rb"(?:From|To|Subject|Date|Message-ID|Received|Return-Path|MIME-Version|Delivered-To):", re.I
)
_LINE = re.compile(rb"[\x21-\x39\x3b-\x7e]{1,70}:[ \t\r\n]|[ \t]")
_ODT = b"mimetypeapplication/vnd.oasis.opendocument.text"
_LOOKED_AT = 4096


def sniff(data: bytes, name: str) -> Format:
    """Return the format of a file.

    Raises:
        Unreadable: it is none that is read here.
    """
    head = data[:_LOOKED_AT]
    if not data:
        raise Unreadable("it is empty")
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        # What an archive holds, only the process finds out that may read it.
        return "odt" if data[30:].startswith(_ODT) else "docx"
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable("it is of an old office program, or encrypted: save it as docx or PDF")
    if b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("it is none of the formats that can be read")
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").upper().startswith(b"BEGIN:VCALENDAR"):
        return "ics"
    if _HTML.match(head.removeprefix(b"\xef\xbb\xbf")):
        return "html"
    said = _ENDINGS.get(name.rpartition(".")[2].lower(), "text")
    if _is_mail(head, sure=said == "eml"):
        return "eml"
    return said if said in ("markdown", "html") else "text"


def _is_mail(head: bytes, *, sure: bool) -> bool:
    """Return whether bytes begin with headers of a mail; some must be there whatever its name."""
    lines = head.partition(b"\n\n")[0].partition(b"\r\n\r\n")[0].splitlines()[:40]
    if not lines or not all(_LINE.match(line + b"\n") for line in lines[:-1]):
        return False
    known = sum(bool(_HEADER.match(line)) for line in lines)
    return known >= (1 if sure else 3)
