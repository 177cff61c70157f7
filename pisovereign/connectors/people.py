"""Lists of people who may write by a messenger, and which user each of them is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol, TypeVar
from uuid import UUID


class Listed(NamedTuple):
    """Somebody who may write: from which address, who that is, and whether they may approve."""

    address: str
    user: UUID
    approve: bool


class Sender(Protocol):
    """An entry of a messenger's settings: somebody who may write."""

    @property
    def user_id(self) -> str:
        """The user."""

    @property
    def approve(self) -> bool:
        """Whether they may approve."""


S = TypeVar("S", bound=Sender)


def people_of(senders: Sequence[S], address: Callable[[S], str]) -> People:
    """Return those whom settings list, each by the address that `address` finds in an entry."""
    return People([Listed(address(one), UUID(one.user_id), one.approve) for one in senders])


class People:
    """The allow list; empty, it admits nobody."""

    def __init__(self, listed: Sequence[Listed]) -> None:
        self._listed = {each.address: each for each in listed}

    def users(self) -> list[UUID]:
        """Return everybody who is listed, each once."""
        return list(dict.fromkeys(each.user for each in self._listed.values()))

    def addresses(self) -> list[str]:
        """Return the addresses of everybody who is listed."""
        return list(self._listed)

    def user(self, address: str) -> UUID | None:
        """Return whose address this is."""
        found = self._listed.get(address)
        return found.user if found else None

    def address(self, user: UUID) -> str | None:
        """Return where a user is reached: their first address in the list."""
        return next((each.address for each in self._listed.values() if each.user == user), None)

    def may_approve(self, address: str) -> bool:
        """Return whether approvals may be given from this address."""
        found = self._listed.get(address)
        return found is not None and found.approve
