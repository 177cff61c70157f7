"""Reading vCards, in a process that can only compute (`process/confined.py`).

It gets a JSON list of cards and gives back a list as long: the contact of each, or null.
"""

from __future__ import annotations

import datetime as dt
import quopri
import re
from collections.abc import Iterator

import msgspec

from pisovereign.connectors.calendar.contact_types import Contact, ContactValue

_FOLD = re.compile(r"\r?\n[ \t]")
_PARAMETER = re.compile(r';((?:[^:;"]|"[^"]*")+)')
_LINE = re.compile(
    r"""(?:[\w-]{1,40}\.)?(?P<name>[A-Za-z-]{1,40})(?P<parameters>(?:;(?:[^:;"]|"[^"]*")*+)*+):(?P<value>.*)"""
)
_WANTED = frozenset(("FN", "N", "NICKNAME", "ORG", "EMAIL", "TEL", "ADR", "BDAY", "KIND"))
_ESCAPED = re.compile(r"\\(.)")
_BIRTHDAY = re.compile(r"(?:(\d{4})-?|--)(\d{2})-?(\d{2})(?:T.*)?")
_LABELS = ("home", "work", "cell", "fax", "other")
_LONGEST = 200
_MOST_VALUES = 10
_LEAP_YEAR = 2000


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A card as the server has it: its id, the name of its book, and its text."""

    id: str
    book: str
    text: str


class _Line(msgspec.Struct, frozen=True):
    name: str
    labels: frozenset[str]
    value: str


def prepare() -> None:
    """Load what reading needs."""
    _contact(Card(id="", book="", text="BEGIN:VCARD\r\nFN;TYPE=home:x\r\nEND:VCARD"))


def convert(data: bytes, arguments: list[str]) -> bytes:
    """Return the contacts of cards."""
    cards = msgspec.json.decode(data, type=list[Card])
    return msgspec.json.encode([_read(card) for card in cards])


def _read(card: Card) -> Contact | None:
    try:
        return _contact(card)
    except (ValueError, LookupError, AttributeError):
        return None


def _contact(card: Card) -> Contact | None:
    """Return the contact of a card; None: it is a group, or nobody."""
    lines = list(_lines(card.text))
    first = {line.name: line for line in reversed(lines)}
    if "KIND" in first and first["KIND"].value.lower() not in ("individual", "org"):
        return None
    organization = _plain(" ".join(_parts(first["ORG"].value, ";"))) if "ORG" in first else ""
    name = _name(first) or organization
    emails = [value for value in _values(lines, "EMAIL") if "@" in value.value]
    if not name and not emails:
        return None
    return Contact(
        id=card.id,
        name=name or emails[0].value,
        nickname=_text(first, "NICKNAME") or None,
        organization=organization or None,
        emails=emails,
        phones=_values(lines, "TEL"),
        addresses=_values(lines, "ADR"),
        birthday=_birthday(first["BDAY"].value) if "BDAY" in first else None,
        book=card.book,
    )


def _lines(text: str) -> Iterator[_Line]:
    for line in _FOLD.sub("", text).splitlines():
        match = _LINE.fullmatch(line)
        if match is None or match["name"].upper() not in _WANTED:
            continue
        labels: set[str] = set()
        value = match["value"]
        for parameter in _PARAMETER.findall(match["parameters"].lower()):
            name, _, given = parameter.rpartition("=")
            given = given.strip('"')
            if name == "encoding" and given == "quoted-printable":
                value = quopri.decodestring(value.encode()).decode("utf-8", "replace")
            elif name in ("type", ""):  # vCard 2.1 leaves the name out: `TEL;HOME:1`
                labels.update(given.split(","))
        yield _Line(match["name"].upper(), frozenset(labels), value)


def _name(first: dict[str, _Line]) -> str:
    if name := _text(first, "FN"):
        return name
    if "N" not in first:
        return ""
    parts = _parts(first["N"].value, ";")
    family, given, *_ = [*parts, "", ""]
    return _plain(f"{given} {family}")


def _text(first: dict[str, _Line], name: str) -> str:
    return _plain(_unescaped(first[name].value)) if name in first else ""


def _values(lines: list[_Line], name: str) -> list[ContactValue]:
    found: dict[str, ContactValue] = {}
    for line in lines:
        if line.name != name:
            continue
        text = line.value
        if name == "ADR":
            text = ", ".join(part for part in map(_plain, _parts(text, ";")) if part)
        else:
            text = _plain(_unescaped(text)).removeprefix("tel:").removeprefix("mailto:")
        label = next((label for label in _LABELS if label in line.labels), "")
        if text:
            found.setdefault(text, ContactValue(value=text, label=label))
    return list(found.values())[:_MOST_VALUES]


def _birthday(value: str) -> str | None:
    """Return a day as it is kept; None: it is none."""
    match = _BIRTHDAY.fullmatch(value.strip())
    if match is None:
        return None
    year, month, day = match[1], int(match[2]), int(match[3])
    # Apple writes 1604 where the year is not known.
    known = year is not None and int(year) > 1604
    on = dt.date(int(year) if known else _LEAP_YEAR, month, day)
    return on.isoformat() if known else f"--{on:%m-%d}"


def _parts(value: str, by: str) -> list[str]:
    return [_unescaped(part) for part in re.split(rf"(?<!\\){by}", value)]


def _unescaped(value: str) -> str:
    return _ESCAPED.sub(lambda match: " " if match[1] in "nN" else match[1], value)


def _plain(text: str) -> str:
    printable = "".join(c if c.isprintable() else " " for c in text[: 4 * _LONGEST])
    return " ".join(printable.split())[:_LONGEST]
