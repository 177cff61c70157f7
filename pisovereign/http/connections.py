"""How many connections one address may have, and all together.

A connection costs memory and a descriptor, whatever is sent over it. An address that opens one
after the other, and sends nothing or hardly anything, loses its own oldest ones; others notice
nothing. Nor may it leave any number of answers untaken: one large one, such as minutes of speech,
may take its time, and beside it not much.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from pisovereign.http.client_address import Address, rate_key, resolve

MOST_OF_ONE = 256
MOST_OF_ALL = 1024
# Beyond a limit, so many at a time are told so; others are just closed.
MOST_TOLD = 32
# So many of its own can an address have closed for new ones at once, and then as many a second:
# what was begun for them was for nothing.
ROOM_AT_ONCE, ROOM_PER_S = 64, 10.0
# While so many bytes wait for the clients of one address, beside its largest answer, nothing more
# is begun for them. The devices of a household often share a network of IPv6: it may have as many
# times that, so that one that does not read keeps no other one from reading.
MOST_UNSENT, HOSTS_OF_NETWORK = 4 << 20, 4


class Connection(Protocol):
    """A connection, as far as its number matters."""

    @property
    def waits_for_client(self) -> bool:
        """Return whether nothing is done for it: a request is not here yet, or not whole."""

    @property
    def unsent(self) -> int:
        """Return how many bytes its client has not taken yet."""

    def drop(self) -> None:
        """Close it at once."""


class Connections:
    """The connections of one process.

    Args:
        trusted: Addresses and networks of proxies, which have no limit of their own.
        most_of_one: How many one address may have.
        most_of_all: How many there may be.
        clock: Gives seconds.
    """

    def __init__(
        self,
        trusted: Sequence[str] = (),
        *,
        most_of_one: int = MOST_OF_ONE,
        most_of_all: int = MOST_OF_ALL,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._trusted = [ipaddress.ip_network(each, strict=False) for each in trusted]
        self._most_of_one = most_of_one
        self._most_of_all = most_of_all
        # Of each address, the oldest first.
        self._by_address: dict[str, dict[Connection, None]] = {}
        self._addresses: dict[Connection, str] = {}
        self._hosts: dict[Connection, Address] = {}
        self._limited: set[str] = set()
        self._clock = clock
        # How many more each address may have closed, and when that was so.
        self._room: dict[str, tuple[float, float]] = {}

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
        self._hosts[connection] = address
        if limited:
            self._limited.add(key)
        if allowed:
            return True
        too_many = limited and len(own) > self._most_of_one + MOST_TOLD
        return None if too_many or len(self) > self._most_of_all + MOST_TOLD else False

    def remove(self, connection: Connection) -> None:
        """Count it no more, if it was counted."""
        key = self._addresses.pop(connection, None)
        if key is not None:
            del self._hosts[connection]
            del self._by_address[key][connection]
            if not self._by_address[key]:
                del self._by_address[key]
                self._limited.discard(key)
                self._room.pop(key, None)

    def takes_too_little(self, connection: Connection) -> bool:
        """Return whether so much waits for the clients of its address that no more is to.

        Of a network of IPv6 that is each address by itself, and all of them together.
        """
        key = self._addresses.get(connection)
        if key is None or key not in self._limited:
            return False
        unsent = {each: each.unsent for each in self._by_address[key]}
        host = self._hosts[connection]
        own = [number for each, number in unsent.items() if self._hosts[each] == host]
        of_all = _beside_largest(unsent.values())
        return _beside_largest(own) > MOST_UNSENT or of_all > HOSTS_OF_NETWORK * MOST_UNSENT

    def _has_room(self, key: str, *, limited: bool) -> bool:
        """Make room for another connection, if it takes that; return whether there is."""
        if limited and len(self._by_address.get(key, ())) >= self._most_of_one:
            return self._has_turn(key) and self._drop_one(key)
        if len(self) >= self._most_of_all:
            # Whoever has most may have none that waits, such as a proxy with streams of events.
            by_number = sorted(self._by_address, key=lambda k: -len(self._by_address[k]))
            return any(self._drop_one(each) for each in by_number)
        return True

    def _has_turn(self, key: str) -> bool:
        """Return whether an address may have another one of its own closed now."""
        now = self._clock()
        left, since = self._room.get(key, (ROOM_AT_ONCE, now))
        left = min(ROOM_AT_ONCE, left + (now - since) * ROOM_PER_S)
        self._room[key] = (left - 1 if left >= 1 else left, now)
        return left >= 1

    def _drop_one(self, key: str) -> bool:
        """Close the oldest connection of an address that waits for its client, if there is one."""
        oldest = next((c for c in self._by_address[key] if c.waits_for_client), None)
        if oldest is None:
            return False
        self.remove(oldest)
        oldest.drop()
        return True


def _beside_largest(numbers: Collection[int]) -> int:
    return sum(numbers) - max(numbers)
