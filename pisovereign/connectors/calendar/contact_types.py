"""Contacts, and the protocol of who has them."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

import msgspec


class ContactValue(msgspec.Struct, frozen=True, kw_only=True):
    """An address or a number, and what it is for: `home`, `work`, `cell`, or empty."""

    value: str
    label: str = ""


class Contact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody in an address book.

    `birthday` is `1980-05-17`, or `--05-17` where the year is not known. `book` is the name of the
    address book.
    """

    name: str
    id: str = ""
    nickname: str | None = None
    organization: str | None = None
    emails: list[ContactValue] = []
    phones: list[ContactValue] = []
    addresses: list[ContactValue] = []
    birthday: str | None = None
    book: str | None = None


class ContactSource(Protocol):
    """The contacts of a user."""

    async def contacts(self, user: UUID) -> list[Contact]:
        """Return everybody in the address books of a user, by name."""
        ...
