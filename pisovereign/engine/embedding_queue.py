"""Which texts are embedded next, and with which others: pure policy on lengths.

Texts of similar length are computed together, in micro-batches whose padded tokens are bounded:
padding is computed too, and whoever comes next waits for one micro-batch and not for a whole job.
Requests with one text (searches) go before those with many (indexing), which take
turns. After some micro-batches of searches it is the others' turn once, so that they end too.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

# In a row, while larger requests wait.
MOST_SEARCHES = 8


class EmbeddingRequest:
    """One request's texts that are still to be computed.

    Args:
        lengths: tokens of each text.
    """

    def __init__(self, lengths: Sequence[int]) -> None:
        self.lengths = lengths
        # Sorted, so that neighbors need little padding.
        self.waiting = deque(sorted(range(len(lengths)), key=lengths.__getitem__))


Request = TypeVar("Request", bound=EmbeddingRequest)


class Item(NamedTuple, Generic[Request]):
    """One text of a micro-batch: whose it is, and its number there."""

    request: Request
    number: int


class EmbeddingQueue(Generic[Request]):
    """All requests that have texts waiting.

    Args:
        budget: most tokens of a micro-batch, padding included. A longer text is alone in one.
    """

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._searches: list[Request] = []
        self._jobs: deque[Request] = deque()
        self._in_a_row = 0

    def __len__(self) -> int:
        return len(self._searches) + sum(len(job.waiting) for job in self._jobs)

    @property
    def is_searched(self) -> bool:
        """Whether a request with one text waits."""
        return bool(self._searches)

    def add(self, request: Request) -> None:
        """Queue a request, which has at least one text."""
        if len(request.lengths) == 1:
            self._searches.append(request)
        else:
            self._jobs.append(request)

    def drop(self, request: Request) -> None:
        """Forget a request's waiting texts, if there are any."""
        if request in self._searches:
            self._searches.remove(request)
        elif request in self._jobs:
            self._jobs.remove(request)

    def next(self) -> list[Item[Request]]:
        """Return the next micro-batch, whose texts no longer wait; empty when none does."""
        if self._searches and not (self._jobs and self._in_a_row >= MOST_SEARCHES):
            self._in_a_row += 1
            return self._next_searches()
        self._in_a_row = 0
        return self._next_of_job() if self._jobs else []

    def _next_searches(self) -> list[Item[Request]]:
        """Return the one that came first, and those that are nearest to it in length."""
        first = self._searches[0].lengths[0]
        near = sorted(self._searches[1:], key=lambda other: abs(other.lengths[0] - first))
        chosen, longest = [self._searches[0]], first
        for other in near:
            longest = max(longest, other.lengths[0])
            if (len(chosen) + 1) * longest > self._budget:
                break
            chosen.append(other)
        taken = set(chosen)
        self._searches = [search for search in self._searches if search not in taken]
        return [Item(search, 0) for search in chosen]

    def _next_of_job(self) -> list[Item[Request]]:
        job = self._jobs.popleft()
        items = [Item(job, job.waiting.popleft())]
        while job.waiting:
            # They are sorted: the next one is the longest.
            if (len(items) + 1) * job.lengths[job.waiting[0]] > self._budget:
                self._jobs.append(job)
                break
            items.append(Item(job, job.waiting.popleft()))
        return items
