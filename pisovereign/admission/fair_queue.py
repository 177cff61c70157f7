"""Those who wait for one of a few places, and whose turn it is.

Owners take turns: who has none of the places comes first, and among those who was served longest
ago. So whoever asks for much at once makes mostly their own requests wait. Each owner has a few
places in the queue, however many others wait. Which of one owner's comes first is for those to say
who use it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")

# What one owner may have waiting although the queue is full.
RESERVED = 2
# However many owners there are, no more than this many times the limit wait.
_MOST_TIMES = 4
# Of so many owners it is known when they were served last; beyond, all are forgotten.
_MOST_KNOWN = 1000


class Full(Exception):
    """The queue is at its limit."""


class FairQueue(Generic[T]):
    """A queue of the waiting items of all owners, in the order in which they came.

    Args:
        limit: Most that may wait, but for the places that each owner has.
        owner: Tells whose something is.
        reserved: How many places each owner has.
    """

    def __init__(self, limit: int, owner: Callable[[T], str], *, reserved: int = RESERVED) -> None:
        self._limit = limit
        self._reserved = reserved
        self._owner = owner
        self._waiting: list[T] = []
        self._turn = 0
        self._served: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[T]:
        return iter(self._waiting)

    def add(self, item: T, free: int) -> None:
        """Let something wait.

        Args:
            item: It.
            free: How many places nobody has: as many may come on top of the limit.

        Raises:
            Full: The queue is at its limit.
        """
        if len(self._waiting) >= self._limit + free:
            owner = self._owner(item)
            own = sum(self._owner(other) == owner for other in self._waiting)
            if (
                own >= min(self._reserved, self._limit)
                or len(self._waiting) >= _MOST_TIMES * self._limit
            ):
                raise Full
        self._waiting.append(item)

    def next_owner(self, able: Iterable[T], busy: Mapping[str, int]) -> str:
        """Return whose turn it is.

        Args:
            able: What waits and could have a place now; at least one.
            busy: How many places each owner has.
        """
        return min(
            dict.fromkeys(map(self._owner, able)),
            key=lambda owner: (busy.get(owner, 0), self._served.get(owner, 0)),
        )

    def serve(self, item: T) -> None:
        """Take something out that has a place now; it was its owner's turn."""
        self._waiting.remove(item)
        self._turn += 1
        self._served[self._owner(item)] = self._turn
        if not self._waiting and len(self._served) > _MOST_KNOWN:
            self._served.clear()

    def drop(self, item: T) -> None:
        """Take something out, if it is there, so that its place is free at once."""
        if item in self._waiting:
            self._waiting.remove(item)
