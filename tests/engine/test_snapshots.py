from __future__ import annotations

from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.engine.generation import Generation
from pisovereign.engine.jobs import Job
from pisovereign.engine.snapshots import Snapshot, Snapshots


def snapshot(key: str | None, tokens: list[int], size: int = 10) -> Snapshot:
    return Snapshot(key, tokens, np.zeros(size, np.uint8))


def job(prompt: list[int], key: str, shared: int = 0) -> Job:
    return Job(prompt, shared, key, cast(Generation, None), lambda event: None)


@pytest.mark.parametrize(
    ("owner", "asking", "shared", "expected"),
    [
        ("alice", "alice", 0, 3),
        ("alice", "bob", 0, 0),
        ("alice", "bob", 3, 0),
        ("", "bob", 3, 0),
        (None, "bob", 2, 2),
        (None, "bob", 0, 0),
        (None, "", 0, 0),
    ],
)
def test_who_may_use_what(owner: str | None, asking: str, shared: int, expected: int) -> None:
    kept = snapshot(owner, [1, 2, 3, 4])
    assert kept.reusable(job([1, 2, 3, 9, 9], asking, shared)) == expected


def test_two_tokens_are_left_to_compute() -> None:
    assert snapshot("a", [1, 2, 3]).reusable(job([1, 2, 3], "a")) == 1
    assert snapshot(None, [1, 2, 3]).reusable(job([1, 2, 3], "a", shared=3)) == 1


def test_the_longest_is_found_and_the_oldest_goes() -> None:
    kept = Snapshots(30)
    one, two, three = (snapshot("a", [1, n, n]) for n in range(3))
    for each in (one, two, three):
        kept.put(each)
    assert kept.best(job([1, 0, 0, 0, 0], "a")) == (3, one)
    kept.used(one)
    kept.put(snapshot("a", [7]))
    assert kept.best(job([1, 1, 1, 1], "a"))[0] == 1, "the second was the oldest"
    assert (kept.hits, len(kept), kept.bytes) == (1, 3, 30)


def test_a_longer_one_takes_the_place_of_what_it_continues() -> None:
    kept = Snapshots(100)
    kept.put(snapshot("a", [1, 2]))
    kept.put(snapshot("b", [1, 2]))
    kept.put(snapshot("a", [1, 2, 3]))
    assert len(kept) == 2
    assert kept.has("a", [1, 2])
    assert not kept.has("b", [1, 2, 3])
    assert not kept.has(None, [1])


@given(st.lists(st.tuples(st.sampled_from("ab"), st.lists(st.integers(0, 2)), st.integers(1, 40))))
def test_never_more_than_the_limit(puts: list[tuple[str, list[int], int]]) -> None:
    kept = Snapshots(30)
    for key, tokens, size in puts:
        kept.put(snapshot(key, tokens, size))
        assert kept.bytes <= 30
        assert kept.has(key, tokens) or size > 30


def test_nothing_is_kept_with_no_room() -> None:
    kept = Snapshots(0)
    kept.put(snapshot("a", [1]))
    assert (len(kept), kept.bytes) == (0, 0)
