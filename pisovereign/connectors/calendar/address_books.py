"""Address books on a server: which there are, and what has changed in them. Blocks; for threads.

Nothing is read twice: a book whose tag is what it was is not asked for, and of one that has changed
only cards with new tags.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote, unquote, urlsplit
from xml.sax.saxutils import escape

import msgspec
from caldav.lib import error as dav_error
from lxml import etree

from pisovereign.connectors.calendar.client import Connection
from pisovereign.connectors.calendar.objects import event_id
from pisovereign.connectors.calendar.vcards import Card
from pisovereign.errors import UpstreamError

_DAV, _CARD = "{DAV:}", "{urn:ietf:params:xml:ns:carddav}"
_HOME = """<D:propfind xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">
<D:prop><C:addressbook-home-set/></D:prop></D:propfind>"""
_BOOKS = """<D:propfind xmlns:D="DAV:" xmlns:S="http://calendarserver.org/ns/">
<D:prop><D:resourcetype/><D:displayname/><D:sync-token/><S:getctag/></D:prop></D:propfind>"""
_TAGS = '<D:propfind xmlns:D="DAV:"><D:prop><D:getetag/></D:prop></D:propfind>'
_CARDS = """<C:addressbook-multiget xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">
<D:prop><D:getetag/><C:address-data/></D:prop>{}</C:addressbook-multiget>"""
_MOST_BOOKS = 50
_MOST_CARDS = 20_000
# A card may hold a picture.
_AT_ONCE = 40
_MOST_TEXT = 64 * 1024 * 1024


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """An address book, and a tag that is another one after each change; empty: it has none."""

    url: str
    name: str
    tag: str


class ReadBook(msgspec.Struct, frozen=True, kw_only=True):
    """The contents of a book: the tag of each card by its path, and the cards that are new."""

    book: Book
    tags: Mapping[str, str]
    changed: Sequence[Card]


def find_books(connection: Connection) -> list[Book]:
    """Return the address books of the account.

    Raises:
        UpstreamError: There are none, or they cannot be listed.
    """
    found: dict[str, Book] = {}
    for home in _homes(connection):
        for response in _responses(connection, "PROPFIND", home, _BOOKS):
            kind = response.find(f".//{_DAV}resourcetype")
            if kind is None or kind.find(f"{_CARD}addressbook") is None:
                continue
            url = _absolute(connection, _href(response))
            name = (response.findtext(f".//{_DAV}displayname") or "").strip()
            tag = response.findtext(f".//{_DAV}sync-token") or response.findtext(
                ".//{http://calendarserver.org/ns/}getctag"
            )
            last = unquote(url.rstrip("/").rsplit("/", 1)[-1])
            found[url] = Book(url=url, name=(name or last)[:200], tag=tag or "")
            if len(found) >= _MOST_BOOKS:
                break
    if not found:
        raise UpstreamError("The account has no address books")
    return list(found.values())


class Room:
    """How much all address books of an account may have together."""

    def __init__(self) -> None:
        self._cards, self._text = _MOST_CARDS, _MOST_TEXT

    def take(self, *, cards: int = 0, text: int = 0) -> None:
        """Use some of it.

        Raises:
            UpstreamError: There is no more.
        """
        self._cards -= cards
        self._text -= text
        if self._cards < 0:
            raise UpstreamError(f"The address books have more than {_MOST_CARDS} cards")
        if self._text < 0:
            raise UpstreamError("The address books are too large")


def read_book(connection: Connection, book: Book, known: Mapping[str, str], room: Room) -> ReadBook:
    """Return what a book holds, with the cards whose tags are not those that are known.

    Raises:
        UpstreamError: It cannot be read, or is too large.
    """
    inside = unquote(urlsplit(book.url).path).rstrip("/") + "/"
    tags: dict[str, str] = {}
    for response in _responses(connection, "PROPFIND", book.url, _TAGS):
        path, tag = unquote(_href(response)), response.findtext(f".//{_DAV}getetag")
        if path.startswith(inside) and path != inside and tag:
            tags[path] = tag
    room.take(cards=len(tags))
    new = [path for path, tag in tags.items() if known.get(path) != tag]
    changed: list[Card] = []
    for start in range(0, len(new), _AT_ONCE):
        for card in _cards(connection, book, new[start : start + _AT_ONCE]):
            room.take(text=len(card.text))
            changed.append(card)
    return ReadBook(book=book, tags=tags, changed=changed)


def _cards(connection: Connection, book: Book, paths: Sequence[str]) -> Iterator[Card]:
    hrefs = "".join(f"<D:href>{escape(quote(path, safe='/@'))}</D:href>" for path in paths)
    wanted = frozenset(paths)
    for response in _responses(connection, "REPORT", book.url, _CARDS.format(hrefs)):
        path, text = unquote(_href(response)), response.findtext(f".//{_CARD}address-data")
        if path in wanted and text:
            yield Card(id=event_id(path), book=book.name, text=_without_picture(text))


def _without_picture(text: str) -> str:
    """Return a card without what takes most of it and is not read."""
    kept: list[str] = []
    skips = False
    for line in text.splitlines():
        if not line.startswith((" ", "\t")):
            name = line.split(":", 1)[0].split(";", 1)[0].rsplit(".", 1)[-1].upper()
            skips = name in ("PHOTO", "LOGO", "SOUND", "KEY", "NOTE")
        if not skips:
            kept.append(line)
    return "\n".join(kept)


def _homes(connection: Connection) -> list[str]:
    """Return where the address books are: what the account says, else the address itself."""
    own = str(connection.client.url)
    try:
        principal = str(connection.client.get_principal().url)
    except (dav_error.NotFoundError, dav_error.PropfindError):
        return [own]
    found = [
        _absolute(connection, href.text.strip())
        for response in _responses(connection, "PROPFIND", principal, _HOME, depth=0)
        for href in response.iterfind(f".//{_CARD}addressbook-home-set/{_DAV}href")
        if href.text
    ]
    return found[:_MOST_BOOKS] or [own]


def _responses(
    connection: Connection, method: str, url: str, body: str, depth: int = 1
) -> list[etree._Element]:
    client = connection.client
    answer = (
        client.propfind(url, body, depth)
        if method == "PROPFIND"
        else client.report(url, body, depth)
    )
    if answer.status not in (200, 207) or answer.tree is None:
        raise UpstreamError(f"The address book cannot be read: HTTP status {answer.status}")
    return list(answer.tree.iter(f"{_DAV}response"))


def _href(response: etree._Element) -> str:
    return urlsplit((response.findtext(f"{_DAV}href") or "").strip()).path


def _absolute(connection: Connection, href: str) -> str:
    return str(connection.client.url.join(href))
