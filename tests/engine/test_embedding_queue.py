from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pisovereign.engine.embedding_queue import (
    MOST_SEARCHES,
    EmbeddingQueue,
    EmbeddingRequest,
)

BUDGET = 64
lengths = st.lists(st.integers(1, 80), min_size=1, max_size=30)


class Queue(RuleBasedStateMachine):
    """Requests come, leave and are worked off in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.queue: EmbeddingQueue[EmbeddingRequest] = EmbeddingQueue(BUDGET)
        self.left: dict[EmbeddingRequest, set[int]] = {}
        self.searches_in_a_row = 0

    @rule(lengths=lengths)
    def come(self, lengths: list[int]) -> None:
        request = EmbeddingRequest(lengths)
        self.queue.add(request)
        self.left[request] = set(range(len(lengths)))

    @precondition(lambda self: self.left)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        request = data.draw(st.sampled_from(list(self.left)))
        self.queue.drop(request)
        del self.left[request]

    @rule()
    def work(self) -> None:
        searches = [request for request in self.left if len(request.lengths) == 1]
        jobs = len(self.left) > len(searches)
        items = self.queue.next()
        assert bool(items) == bool(self.left)
        for request, index in items:
            self.left[request].remove(index)
        sizes = [request.lengths[index] for request, index in items]
        assert len(items) <= 1 or len(sizes) * max(sizes) <= BUDGET
        of_searches = bool(items) and len(items[0].request.lengths) == 1
        assert all((len(item.request.lengths) == 1) == of_searches for item in items)
        if of_searches:
            assert items[0].request is searches[0], "who came first is among them"
        elif searches:
            assert self.searches_in_a_row >= MOST_SEARCHES, "a search comes first"
        self.searches_in_a_row = self.searches_in_a_row + 1 if of_searches and jobs else 0
        assert self.searches_in_a_row <= MOST_SEARCHES, "nor does a job wait for ever"
        self.left = {request: left for request, left in self.left.items() if left}

    @invariant()
    def everything_is_counted(self) -> None:
        assert len(self.queue) == sum(map(len, self.left.values()))


TestQueue = Queue.TestCase


def work_off(*requests: EmbeddingRequest) -> list[list[tuple[int, int]]]:
    """Micro-batches as (number of the request, its length) pairs."""
    queue: EmbeddingQueue[EmbeddingRequest] = EmbeddingQueue(BUDGET)
    for request in requests:
        queue.add(request)
    batches = []
    while items := queue.next():
        batches.append([(requests.index(r), r.lengths[index]) for r, index in items])
    return batches


def test_searches_of_similar_length_are_computed_together_and_before_a_job() -> None:
    job = EmbeddingRequest([30, 10, 31])
    searches = [EmbeddingRequest([length]) for length in (9, 60, 10, 12)]
    assert work_off(job, *searches) == [
        [(1, 9), (3, 10), (4, 12)],
        [(2, 60)],
        [(0, 10), (0, 30)],
        [(0, 31)],
    ]


def test_jobs_take_turns() -> None:
    batches = work_off(EmbeddingRequest([40, 40, 40]), EmbeddingRequest([50, 50]))
    assert [batch[0][0] for batch in batches] == [0, 1, 0, 1, 0]


@given(lengths=lengths)
def test_a_job_is_padded_by_little(lengths: list[int]) -> None:
    """Sorted texts: what follows in the order is never shorter."""
    flat = [size for batch in work_off(EmbeddingRequest([1, *lengths])) for _, size in batch]
    assert flat == sorted([1, *lengths])
