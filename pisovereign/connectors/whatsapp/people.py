"""Who may write to the assistant on WhatsApp, and who that is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol
from uuid import UUID


class Listed(Protocol):
    """One entry of `whatsapp.senders`."""

    @property
    def phone(self) -> str:
        """The number."""

    @property
    def user_id(self) -> str:
        """The user."""

    @property
    def approve(self) -> bool:
        """Whether they may approve."""


class People:
    """The allow list; empty, it admits nobody."""

    def __init__(self, senders: Sequence[Listed]) -> None:
        self._users = {digits(entry.phone): UUID(entry.user_id) for entry in senders}
        self._approvers = {digits(entry.phone) for entry in senders if entry.approve}

    def users(self) -> list[UUID]:
        """Return everybody who is listed, each once."""
        return list(dict.fromkeys(self._users.values()))

    def user(self, phone: str) -> UUID | None:
        """Return whose number this is."""
        return self._users.get(digits(phone))

    def phone(self, user: UUID) -> str | None:
        """Return where a user is reached: their first number in the list."""
        return next((phone for phone, owner in self._users.items() if owner == user), None)

    def may_approve(self, phone: str) -> bool:
        """Return whether approvals may be given from this number."""
        return digits(phone) in self._approvers


def digits(phone: str) -> str:
    """Return a number as Meta writes it: with the country's code, without `+` and spaces."""
    return re.sub(r"[^0-9]", "", phone)
