"""Directories of addresses: whose each is, and what may be done from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, overload
from uuid import UUID

from pisovereign.config import Scope
from pisovereign.connectors.messaging import Incoming, Listing, Messenger
from pisovereign.storage.pool import Connection

BECOME = "SELECT set_config('pisovereign.user_id', %s, true)"
_WRITES: frozenset[Scope] = frozenset(("user",))
_APPROVES: frozenset[Scope] = frozenset(("user", "approve"))


class Directory(Protocol):
    """Knows who writes from where.

    Attributes:
        missing: Why nothing can be sent to who has no address.
    """

    missing: str

    async def user_of(self, connection: Connection, address: str) -> UUID | None:
        """Return whose an address is, in a transaction of nobody; None: nobody's who may write."""
        ...

    async def link(self, connection: Connection, message: Incoming) -> UUID | None:
        """Link the address of a stranger's message with a code that it holds.

        In a transaction of nobody, which becomes the user's.

        Returns:
            The user; None: nothing was linked.
        """
        ...

    async def address(self, user: UUID, wanted: str = "") -> str | None:
        """Return where a user is written to: at `wanted`, if it is theirs; None: nowhere.

        Raises:
            ServiceUnavailable: Nobody knows now.
        """
        ...

    async def scopes(self, user: UUID, address: str) -> frozenset[Scope]:
        """Return what a user may do from an address; empty: it is not theirs, or nothing."""
        ...

    def users(self) -> Sequence[UUID]:
        """Return everybody who may have an address."""
        ...


class ListedPeople:
    """A directory of those whom the settings list."""

    def __init__(self, messenger: Listing) -> None:
        self._people = messenger.people
        self.missing = f"No address in {messenger.name}.senders belongs to this user"

    async def user_of(self, connection: Connection, address: str) -> UUID | None:
        """Return who is listed with an address; None: nobody."""
        return self._people().user(address)

    async def link(self, connection: Connection, message: Incoming) -> UUID | None:
        """Link nobody: who may write is listed."""
        return None

    async def address(self, user: UUID, wanted: str = "") -> str | None:
        """Return where a user is written to; None: they are not listed."""
        people = self._people()
        if not wanted:
            return people.address(user)
        return wanted if people.user(wanted) == user else None

    async def scopes(self, user: UUID, address: str) -> frozenset[Scope]:
        """Return what a user may do from an address."""
        people = self._people()
        if people.user(address) != user:
            return frozenset()
        return _APPROVES if people.may_approve(address) else _WRITES

    def users(self) -> Sequence[UUID]:
        """Return everybody who is listed."""
        return self._people().users()


class ServedUsers(Sequence[UUID]):
    """Those whose messages are answered: who may have an address, while it is connected.

    Args:
        messenger: What is connected.
        directory: Who may have an address there.
    """

    def __init__(self, messenger: Messenger, directory: Directory) -> None:
        self._messenger = messenger
        self._directory = directory

    def __len__(self) -> int:
        return len(self._now())

    @overload
    def __getitem__(self, index: int) -> UUID: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[UUID]: ...
    def __getitem__(self, index: int | slice) -> UUID | Sequence[UUID]:
        return self._now()[index]

    def __iter__(self) -> Iterator[UUID]:
        return iter(self._now())

    def _now(self) -> Sequence[UUID]:
        return tuple(self._directory.users()) if self._messenger.is_set_up() else ()
