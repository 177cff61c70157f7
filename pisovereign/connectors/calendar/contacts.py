"""The contacts of one account, kept in memory and compared with the server now and then."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from uuid import UUID

import msgspec

from pisovereign.connectors.blocking import BlockingPool, Deadline
from pisovereign.connectors.calendar.address_books import ReadBook, Room, find_books, read_book
from pisovereign.connectors.calendar.client import CalDavClient
from pisovereign.connectors.calendar.contact_types import Contact
from pisovereign.connectors.calendar.objects import event_id as card_id
from pisovereign.connectors.calendar.vcards import Card
from pisovereign.errors import NotConfigured, UpstreamError
from pisovereign.process.confined import ConfinedError, Limits, run_confined

SERVER = "The server of the address book"
_READER = "pisovereign.connectors.calendar.vcards"
_LIMITS = Limits(
    seconds=30.0, cpu_s=20, memory_bytes=512 * 1024 * 1024, output_bytes=32 * 1024 * 1024
)
_FRESH_S = 60.0
# As long as the server is away, what was read last is better than nothing.
_USABLE_S = 24 * 3600.0


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A book as it was read last: its tag, those of its cards, and the contact of each."""

    tag: str
    tags: Mapping[str, str]
    contacts: Mapping[str, Contact]


class CardDavContacts:
    """The contacts of one account; a `ContactSource`.

    Args:
        carddav: The account.
        pool: The threads of the account.
        owners: The users whose contacts these are.
        limit_s: Longest time that reading takes.
    """

    def __init__(
        self,
        carddav: CalDavClient,
        pool: BlockingPool,
        *,
        owners: frozenset[UUID],
        limit_s: float,
    ) -> None:
        self._carddav = carddav
        self._pool = pool
        self._owners = owners
        self._limit_s = limit_s
        self._books: dict[str, _Kept] = {}
        self._read_at: float | None = None
        self._lock = asyncio.Lock()

    async def contacts(self, user: UUID) -> list[Contact]:
        """Return everybody in the address books, by name; at most a minute old.

        While the server is away, that is what was read from it within the last day.

        Raises:
            NotConfigured: They are somebody else's.
            UpstreamError: They cannot be read, and were not read before.
        """
        if user not in self._owners:
            raise NotConfigured("The address book", "caldav.users")
        async with self._lock:
            if not self._is_within(_FRESH_S):
                try:
                    await self._refresh()
                except UpstreamError:
                    if not self._is_within(_USABLE_S):
                        raise
        found = (each for kept in self._books.values() for each in kept.contacts.values())
        return sorted(found, key=lambda contact: contact.name.casefold())

    def _is_within(self, seconds: float) -> bool:
        return self._read_at is not None and time.monotonic() - self._read_at < seconds

    async def _refresh(self) -> None:
        read = await self._pool.run(self._changes, self._limit_s, SERVER)
        changed = [card for one in read for card in one.changed]
        contacts = await _contacts_of(changed)
        self._books = {
            one.book.url: _merged(one, self._books.get(one.book.url), contacts) for one in read
        }
        self._read_at = time.monotonic()

    def _changes(self, deadline: Deadline) -> list[ReadBook]:
        """Return each book, with what is new in it."""
        found: list[ReadBook] = []
        room = Room()
        with self._carddav.connect(deadline) as connection:
            for book in find_books(connection):
                known = self._books.get(book.url)
                if known is not None and book.tag and known.tag == book.tag:
                    room.take(cards=len(known.tags))
                    found.append(ReadBook(book=book, tags=known.tags, changed=()))
                else:
                    found.append(read_book(connection, book, known.tags if known else {}, room))
        return found


def _merged(one: ReadBook, known: _Kept | None, fresh: Mapping[str, Contact]) -> _Kept:
    """Return a book with what was known of the cards that are the same."""
    ids = {path: card_id(path) for path in one.tags}
    contacts = dict(known.contacts) if known else {}
    contacts |= {card.id: fresh[card.id] for card in one.changed if card.id in fresh}
    there = set(ids.values())
    return _Kept(
        tag=one.book.tag,
        tags=one.tags,
        contacts={name: each for name, each in contacts.items() if name in there},
    )


async def _contacts_of(cards: list[Card]) -> dict[str, Contact]:
    if not cards:
        return {}
    try:
        answer = await run_confined(_READER, msgspec.json.encode(cards), _LIMITS)
        found = msgspec.json.decode(answer, type=list[Contact | None])
        pairs = list(zip(cards, found, strict=True))
    # Hostile cards may have taken over what reads them, and it says what they like.
    except (ConfinedError, msgspec.DecodeError, ValueError):
        raise UpstreamError("The cards of the address book cannot be read") from None
    return {card.id: each for card, each in pairs if each is not None}
