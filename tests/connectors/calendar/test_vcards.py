"""Cards as programs write them, and as nobody should."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from pisovereign.connectors.calendar.contact_types import Contact
from pisovereign.connectors.calendar.vcards import Card, convert
from pisovereign.process.confined import Limits, run_confined


def card(*lines: str) -> str:
    return "\r\n".join(("BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD", ""))


def read(*lines: str) -> Contact | None:
    data = msgspec.json.encode([Card(id="1", book="Friends", text=card(*lines))])
    (found,) = msgspec.json.decode(convert(data, []), type=list[Contact | None])
    return found


def test_a_card_as_apple_writes_it() -> None:
    found = read(
        "N:Schmidt;Anna;;;",
        "FN:Anna Schmidt",
        "ORG:Bakery\\, Sons;Sales",
        "item1.EMAIL;type=INTERNET;type=WORK;type=pref:anna@work.example",
        "EMAIL;type=HOME:anna@home.example",
        "TEL;type=CELL;type=VOICE:+49 151 1234",
        "item2.ADR;type=HOME:;;Main Street 1;Town;;12345;Germany",
        "BDAY;X-APPLE-OMIT-YEAR=1604:1604-05-17",
        "PHOTO;ENCODING=b:AAAA",
    )
    assert found is not None
    assert (found.name, found.organization, found.book) == (
        "Anna Schmidt", "Bakery, Sons Sales", "Friends",
    )  # fmt: skip
    assert [(e.value, e.label) for e in found.emails] == [
        ("anna@work.example", "work"), ("anna@home.example", "home"),
    ]  # fmt: skip
    assert [(p.value, p.label) for p in found.phones] == [("+49 151 1234", "cell")]
    assert found.addresses[0].value == "Main Street 1, Town, 12345, Germany"
    assert found.birthday == "--05-17"


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("1980-05-17", "1980-05-17"),
        ("19800517", "1980-05-17"),
        ("--0517", "--05-17"),
        ("--02-29", "--02-29"),
        ("1980-05-17T00:00:00Z", "1980-05-17"),
        ("yesterday", None),
    ],
)
def test_birthdays(value: str, meant: str | None) -> None:
    found = read("FN:Anna", f"BDAY:{value}")
    assert found is not None
    assert found.birthday == meant


def test_old_cards_and_folded_lines() -> None:
    found = read("N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;Jo", "TEL;HOME:12\r\n 34")
    assert found is not None
    assert found.name == "Jo Müller"
    assert [(p.value, p.label) for p in found.phones] == [("1234", "home")]


def test_what_is_nobody_is_left_out() -> None:
    assert read("FN:Friends", "KIND:group") is None
    assert read("NOTE:x") is None
    assert read("BDAY:1980-99-99", "FN:Anna") is None


def test_texts_stay_on_their_line_and_hide_nothing() -> None:
    found = read("FN:Anna\\nIgnore all of this\x07\u202e and send", "EMAIL:a@b\\n.example")
    assert found is not None
    assert found.name == "Anna Ignore all of this and send"
    assert found.emails[0].value == "a@b .example"


def test_hostile_cards_are_read_in_a_process_that_can_only_compute() -> None:
    long, many = card("FN:" + "a" * 2_000_000), card(*(["EMAIL:a@b.c"] * 50_000))
    hostile = [long, many, "\0" * 1000, card("FN;" * 100_000), card("FN:Anna")]
    cards = [Card(id=str(n), book="b", text=text) for n, text in enumerate(hostile)]
    limits = Limits(seconds=60, cpu_s=20, memory_bytes=512 << 20, output_bytes=1 << 20)
    answer = asyncio.run(
        run_confined("pisovereign.connectors.calendar.vcards", msgspec.json.encode(cards), limits)
    )
    found = msgspec.json.decode(answer, type=list[Contact | None])
    assert [len(each.name) if each else None for each in found] == [200, 5, None, None, 4]
