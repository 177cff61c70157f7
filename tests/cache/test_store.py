"""The bounds of the cache, its time, and one question at a time."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.cache.store import ENTRY_BYTES, Cache, Region

ALICE, BOB = UUID(int=1), UUID(int=2)
MOST_BYTES = 16_000


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def regions(entries: int = 100, keep_s: float = 10) -> tuple[Cache, Region[str], Clock]:
    clock = Clock()
    cache = Cache(MOST_BYTES, entries, clock=clock)
    return cache, Region(cache, "answers", keep_s, len), clock


def test_values_are_their_owners_alone() -> None:
    _, region, _ = regions()
    region.put(ALICE, b"question", "Alice's")
    assert region.get(ALICE, b"question") == "Alice's"
    assert region.get(BOB, b"question") is None
    assert region.get(None, b"question") is None


def test_regions_do_not_see_each_other() -> None:
    cache, answers, _ = regions()
    embeddings: Region[str] = Region(cache, "embeddings", 10, len)
    answers.put(ALICE, b"question", "answer")
    assert embeddings.get(ALICE, b"question") is None


def test_a_value_is_kept_for_its_time() -> None:
    cache, region, clock = regions()
    region.put(ALICE, b"question", "answer")
    clock.now = 9.9
    assert region.get(ALICE, b"question") == "answer"
    clock.now = 10
    assert region.get(ALICE, b"question") is None
    assert len(cache) == 0


def test_what_is_switched_off_keeps_nothing() -> None:
    cache, region, _ = regions(keep_s=0)
    region.put(ALICE, b"question", "answer")
    assert region.get(ALICE, b"question") is None
    assert len(cache) == 0


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 4_000)), max_size=100))
def test_bounds_hold_whatever_comes(puts: list[tuple[int, int]]) -> None:
    cache, region, _ = regions(entries=10)
    for key, size in puts:
        region.put(ALICE, bytes([key]), "x" * size)
        assert len(cache) <= 10
        kept = [value for key in range(51) if (value := region.get(ALICE, bytes([key])))]
        assert sum(len(value) + ENTRY_BYTES for value in kept) <= MOST_BYTES
        assert all(len(value) + ENTRY_BYTES <= MOST_BYTES // 8 for value in kept)


def test_what_was_used_least_recently_goes_first() -> None:
    _, region, _ = regions(entries=2)
    region.put(ALICE, b"1", "one")
    region.put(ALICE, b"2", "two")
    region.get(ALICE, b"1")
    region.put(ALICE, b"3", "three")
    assert [region.get(ALICE, key) for key in (b"1", b"2", b"3")] == ["one", None, "three"]


def test_equal_questions_are_asked_once_and_others_not() -> None:
    async def main() -> None:
        _, region, _ = regions()
        asked: list[str] = []
        going = asyncio.Event()

        async def ask() -> str:
            asked.append("question")
            await going.wait()
            return f"answer {len(asked)}"

        def task(owner: UUID) -> asyncio.Task[str]:
            return asyncio.create_task(region.get_or_compute(owner, b"question", ask))

        leaving, staying, bob = task(ALICE), task(ALICE), task(BOB)
        for _ in range(10):  # a third would have asked by now
            await asyncio.sleep(0)
        assert len(asked) == 2  # one for each user
        leaving.cancel()
        await asyncio.sleep(0)
        going.set()
        assert await staying == await bob == "answer 2"
        assert region.get(ALICE, b"question") == "answer 2"
        with pytest.raises(asyncio.CancelledError):
            await leaving

    asyncio.run(main())


def test_a_failure_is_everybodys_and_is_not_kept() -> None:
    async def main() -> None:
        cache, region, _ = regions()

        async def fail() -> str:
            await asyncio.sleep(0)
            raise TimeoutError

        both = [region.get_or_compute(ALICE, b"question", fail) for _ in range(2)]
        outcomes = await asyncio.gather(*both, return_exceptions=True)
        assert [type(each) for each in outcomes] == [TimeoutError, TimeoutError]
        assert len(cache) == 0

    asyncio.run(main())
