"""Turns of those who wait for the engine."""

from __future__ import annotations

import itertools
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.admission.fair_queue import RESERVED, Full
from pisovereign.engine.generation import Generation
from pisovereign.engine.jobs import Job
from pisovereign.engine.waiting_jobs import WaitingJobs


def job(owner: str, tokens: int = 10, *, low_priority: bool = False) -> Job:
    generation = cast(Generation, None)
    return Job([1] * tokens, 0, owner, generation, lambda event: None, low_priority)


def queue_of(*jobs: Job, limit: int = 16) -> WaitingJobs:
    queue = WaitingJobs(limit)
    for each in jobs:
        queue.add(each, 0)
    return queue


def taken(queue: WaitingJobs, *running: Job) -> str:
    return queue.take(running).cache_key


def test_owners_take_turns() -> None:
    queue = queue_of(*[job("a") for _ in range(4)], *[job("b") for _ in range(2)], job("c"))
    assert "".join(taken(queue) for _ in range(7)) == "abcabaa"


def test_who_fills_slots_comes_last() -> None:
    queue = queue_of(job("a"), job("b"))
    assert taken(queue, job("a"), job("a"), job("b")) == "b"


def test_what_runs_in_the_background_counts_for_nobody() -> None:
    queue = queue_of(job("a"), job("b"))
    assert taken(queue, job("a", low_priority=True)) == "a"


def test_one_who_waits_for_an_answer_comes_before_a_task_of_somebody_else() -> None:
    queue = queue_of(job("a", low_priority=True), job("b"))
    assert taken(queue, job("b"), job("b")) == "b"


def test_a_full_queue_has_a_place_for_others() -> None:
    queue = queue_of(*[job("a") for _ in range(16)])
    with pytest.raises(Full):
        queue.add(job("a"), 0)
    for _ in range(RESERVED):
        queue.add(job("b"), 0)
    with pytest.raises(Full):
        queue.add(job("b"), 0)
    assert [taken(queue) for _ in range(4)] == ["a", "b", "a", "b"]


def test_many_owners_do_not_make_it_endless() -> None:
    queue = queue_of(*[job(str(number)) for number in range(16)], limit=4)
    with pytest.raises(Full):
        queue.add(job("another"), 0)


def test_a_queue_without_places_lets_nobody_wait() -> None:
    queue = WaitingJobs(0)
    queue.add(job("a"), 1)
    with pytest.raises(Full):
        queue.add(job("b"), 0)


@given(st.lists(st.sampled_from("abc"), max_size=40))
def test_nobody_waits_for_more_than_one_of_each_other(owners: list[str]) -> None:
    """However many jobs another has: between two of one owner there is at most one of each."""
    queue = queue_of(*[job(owner) for owner in owners], limit=40)
    order = [taken(queue) for _ in owners]
    for owner in set(owners):
        places = [place for place, each in enumerate(order) if each == owner]
        for one, next_one in itertools.pairwise(places):
            between = order[one + 1 : next_one]
            assert len(between) == len(set(between)), order
    assert len(queue) == 0


def test_a_job_that_is_not_there_is_dropped_without_a_word() -> None:
    first, second = job("a"), job("a")
    queue = queue_of(first)
    queue.drop(second)
    assert len(queue) == 1
    queue.drop(first)
    assert len(queue) == 0
