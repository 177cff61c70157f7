"""Contacts of a real server: read once, and again only where something has changed."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator

import pytest

from pisovereign.connectors.blocking import BlockingPool
from pisovereign.connectors.calendar import address_books
from pisovereign.connectors.calendar import contacts as source
from pisovereign.connectors.calendar.contact_types import Contact
from pisovereign.connectors.calendar.contacts import CardDavContacts
from pisovereign.errors import NotConfigured, UpstreamError
from tests.connectors.calendar.conftest import OWNER, Opened
from tests.connectors.calendar.lossy import LossyProxy
from tests.connectors.calendar.radicale import NAME, Radicale
from tests.support.patience import PATIENCE_S


def card(name: str, *lines: str) -> str:
    body = "\r\n".join((f"UID:{name[:4]}", f"FN:{name}", f"N:{name};;;;", *lines))
    return f"BEGIN:VCARD\r\nVERSION:3.0\r\n{body}\r\nEND:VCARD\r\n"


class Books:
    """Two address books of an account, behind a proxy."""

    def __init__(self, server: Radicale, opened: Opened) -> None:
        self.server = server
        self.proxy = LossyProxy(server.port)
        self.pool = BlockingPool("books")
        self.contacts = CardDavContacts(
            opened.caldav(url=self.proxy.url),
            self.pool,
            owners=frozenset((OWNER,)),
            limit_s=PATIENCE_S,
        )

    def read(self) -> list[Contact]:
        return asyncio.run(self.contacts.contacts(OWNER))

    def names(self) -> list[str]:
        return [each.name for each in self.read()]


@pytest.fixture
def books(plain: Radicale, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> Iterator[Books]:
    # Each look is a new one.
    monkeypatch.setattr(source, "_FRESH_S", 0.0)
    made = Books(plain, opened)
    yield made
    asyncio.run(made.pool.close())
    made.proxy.close()


def test_all_books_are_read_and_only_what_changed_again(books: Books) -> None:
    server = books.server
    name = uuid.uuid4().hex
    server.make_address_book(f"b{name}", "Family")
    server.make_address_book(f"d{name}", "Work")
    server.add_card(f"b{name}", "anna", card("Anna", "EMAIL:anna@home.example", "BDAY:1980-05-17"))
    server.add_card(f"d{name}", "tom", card("Tom", "TEL;TYPE=CELL:+49 151 1"))
    found = {each.name: each for each in books.read()}
    assert (found["Anna"].book, found["Anna"].birthday) == ("Family", "1980-05-17")
    assert [e.value for e in found["Anna"].emails] == ["anna@home.example"]
    assert found["Tom"].book == "Work"
    first = books.proxy.passed.count("REPORT")
    assert books.names() == ["Anna", "Tom"]
    assert books.proxy.passed.count("REPORT") == first
    server.add_card(f"b{name}", "anna", card("Anna B", "EMAIL:anna@new.example"))
    server.add_card(f"b{name}", "zoe", card("Zoe"))
    assert books.names() == ["Anna B", "Tom", "Zoe"]
    assert books.proxy.passed.count("REPORT") == first + 1
    server.request("DELETE", f"{NAME}/d{name}/tom.vcf").raise_for_status()
    assert books.names() == ["Anna B", "Zoe"]
    # While the server is away, what was read last.
    books.proxy.close()
    assert books.names() == ["Anna B", "Zoe"]
    for each in (f"b{name}", f"d{name}"):
        server.remove(each)


@pytest.mark.parametrize(("limit", "most"), [("_MOST_CARDS", 3), ("_MOST_TEXT", 500)])
def test_all_books_together_have_a_limit(
    books: Books, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    name = uuid.uuid4().hex
    made = [f"a{name}", f"b{name}"]
    for book in made:
        books.server.make_address_book(book, book[0])
        for who in ("Anna", "Tom"):
            books.server.add_card(book, who, card(who, f"TITLE:{'x' * 150}"))
    assert len(books.names()) == 4
    monkeypatch.setattr(address_books, limit, most)
    again = CardDavContacts(
        books.contacts._carddav, books.pool, owners=frozenset((OWNER,)), limit_s=PATIENCE_S
    )
    with pytest.raises(UpstreamError, match=r"^The address books (have|are)"):
        asyncio.run(again.contacts(OWNER))
    for book in made:
        books.server.remove(book)


def test_an_account_without_address_books(books: Books) -> None:
    with pytest.raises(UpstreamError, match="no address books"):
        books.read()


def test_they_are_nobody_elses(books: Books) -> None:
    with pytest.raises(NotConfigured):
        asyncio.run(books.contacts.contacts(uuid.uuid4()))
