"""Searching contacts as somebody types."""

from __future__ import annotations

import re
from uuid import UUID

import msgspec

from pisovereign.connectors.calendar.contact_types import Contact, ContactSource
from pisovereign.languages.words import caseless

_WORDS = re.compile(r"[^\s,;<>()]+")


class ContactPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some of the contacts that were found, by name, and how many there are."""

    contacts: list[Contact]
    total: int


class ContactSearch:
    """Searches the contacts of users.

    Args:
        contacts: Where they are.
    """

    def __init__(self, contacts: ContactSource) -> None:
        self._contacts = contacts

    async def page(self, user: UUID, query: str, limit: int, offset: int) -> ContactPage:
        """Return contacts in which each word of a query begins a word.

        Raises:
            NotConfigured: No server is set up for this user.
            UpstreamError: The address books cannot be read.
        """
        wanted = _WORDS.findall(caseless(query))
        found = [
            contact
            for contact in await self._contacts.contacts(user)
            if all(any(has.startswith(word) for has in _words(contact)) for word in wanted)
        ]
        return ContactPage(contacts=found[offset : offset + limit], total=len(found))


def _words(contact: Contact) -> list[str]:
    texts = [contact.name, contact.nickname or "", contact.organization or ""]
    texts += [value.value for value in (*contact.emails, *contact.phones)]
    return _WORDS.findall(caseless(" ".join(texts)))
