"""How many connections one address may have, and all together.

A connection costs memory and a descriptor, whatever is sent over it. An address that opens one
after the other, and sends nothing or hardly anything, loses its own oldest ones; others notice
nothing.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Protocol

from pisovereign.http.client_address import rate_key, resolve

MOST_OF_ONE = 256
MOST_OF_ALL = 1024
# Beyond a limit, so many at a time are told so; others are just closed.
MOST_TOLD = 32


class Connection(Protocol):
    """A connection, as far as its number matters."""

    @property
    def waits_for_client(self) -> bool:
        """Return whether nothing is done for it: a request is not here yet, or not whole."""

    def drop(self) -> None:
        """Close it at once."""


class Connections:
    """The connections of one process.

    Args:
        trusted: Addresses and networks of proxies, which have no limit of their own.
        most_of_one: How many one address may have.
        most_of_all: How many there may be.
    """

    def __init__(
        self,
        trusted: Sequence[str] = (),
        *,
        most_of_one: int = MOST_OF_ONE,
        most_of_all: int = MOST_OF_ALL,
    ) -> None:
        self._trusted = [ipaddress.ip_network(each, strict=False) for each in trusted]
        self._most_of_one = most_of_one
        self._most_of_all = most_of_all
        # Of each address, the oldest first.
        self._by_address: dict[str, dict[Connection, None]] = {}
        self._addresses: dict[Connection, str] = {}

    def __len__(self) -> int:
        return len(self._addresses)

    def add(self, connection: Connection, peer: str) -> bool | None:
        """Count a connection.

        Returns whether it may stay; False: it is to be told that it is one too many; None: it is to
        be closed, as those who are told are too many, too.
        """
        address = resolve(peer, None, ())
        limited = not any(address in network for network in self._trusted)
        key = rate_key(address)
        allowed = self._has_room(key, limited=limited)
        own = self._by_address.setdefault(key, {})
        own[connection] = None
        self._addresses[connection] = key
        if allowed:
            return True
        too_many = limited and len(own) > self._most_of_one + MOST_TOLD
        return None if too_many or len(self) > self._most_of_all + MOST_TOLD else False

    def remove(self, connection: Connection) -> None:
        """Count it no more, if it was counted."""
        key = self._addresses.pop(connection, None)
        if key is not None:
            del self._by_address[key][connection]
            if not self._by_address[key]:
                del self._by_address[key]

    def _has_room(self, key: str, *, limited: bool) -> bool:
        """Make room for another connection, if it takes that; return whether there is."""
        if limited and len(self._by_address.get(key, ())) >= self._most_of_one:
            return self._drop_one(key)
        if len(self) >= self._most_of_all:
            # Whoever has most may have none that waits, such as a proxy with streams of events.
            by_number = sorted(self._by_address, key=lambda k: -len(self._by_address[k]))
            return any(self._drop_one(each) for each in by_number)
        return True

    def _drop_one(self, key: str) -> bool:
        """Close the oldest connection of an address that waits for its client, if there is one."""
        oldest = next((c for c in self._by_address[key] if c.waits_for_client), None)
        if oldest is None:
            return False
        self.remove(oldest)
        oldest.drop()
        return True
