"""Places for requests: turns, what is refused, and what gives a place back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from pisovereign.admission.fair_limiter import FairLimiter, Permit, release_permit, working
from pisovereign.errors import RateLimited, ServiceUnavailable

LONG_S = 60.0


def in_a_loop(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Run a test on an event loop of its own."""

    def run() -> None:
        asyncio.run(test())

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run


def places(count: int = 2, *, queue: int = 4, most_of_one: int = 20) -> FairLimiter:
    return FairLimiter(
        count, queue=queue, reserved=2, most_of_one=most_of_one, hold_s=LONG_S, wait_s=LONG_S
    )


async def turn(some: FairLimiter, owner: str, log: list[str]) -> None:
    place = await some.enter(owner)
    log.append(owner)
    await asyncio.sleep(0)
    place.close()


async def begun(some: FairLimiter, owner: str, log: list[str]) -> asyncio.Task[None]:
    task = asyncio.create_task(turn(some, owner, log))
    await asyncio.sleep(0)
    return task


async def full(some: FairLimiter, owner: str = "eve") -> list[Permit]:
    return [await some.enter(owner) for _ in range(2)]


@in_a_loop
async def test_who_asks_for_much_does_not_make_others_wait_for_it() -> None:
    some, log = places(), list[str]()
    taken = await full(some)
    tasks = [await begun(some, "eve", log) for _ in range(4)]
    tasks.append(await begun(some, "alice", log))
    taken[0].close()
    await asyncio.gather(*tasks[-1:])
    taken[1].close()
    await asyncio.gather(*tasks)
    assert log[0] == "alice"
    assert sorted(log) == ["alice", *["eve"] * 4]


@in_a_loop
async def test_one_owner_never_has_all_places() -> None:
    some, log = FairLimiter(3, places_of_one=2, hold_s=LONG_S, wait_s=LONG_S), list[str]()
    taken = await full(some)
    waiting = await begun(some, "eve", log)
    for _ in range(3):  # one after the other, while eve's wait
        await turn(some, "alice", log)
    assert log == ["alice"] * 3
    taken[0].close()
    await waiting
    taken[1].close()
    assert log == [*["alice"] * 3, "eve"]


@in_a_loop
async def test_what_is_too_much_is_refused_at_once_and_says_when_to_come_back() -> None:
    some, log = places(), list[str]()
    taken = await full(some)
    tasks = [await begun(some, "eve", log) for _ in range(4)]
    with pytest.raises(ServiceUnavailable) as refused:
        await some.enter("eve")
    assert refused.value.headers == {"Retry-After": "1"}
    # Somebody else has places in the queue all the same.
    tasks += [await begun(some, "alice", log) for _ in range(2)]
    with pytest.raises(ServiceUnavailable):
        await some.enter("alice")
    for place in taken:
        place.close()
    await asyncio.gather(*tasks)


@in_a_loop
async def test_a_page_that_asks_for_several_things_at_once_is_not_refused() -> None:
    some, log = FairLimiter(2, hold_s=LONG_S, wait_s=LONG_S), list[str]()
    taken = await full(some)
    tasks = [await begun(some, "eve", log) for _ in range(32)]
    tasks += [await begun(some, "alice", log) for _ in range(6)]
    for place in taken:
        place.close()
    await asyncio.gather(*tasks)
    assert log.count("alice") == 6


@in_a_loop
async def test_one_owner_has_so_many_unanswered_requests_whatever_they_wait_for() -> None:
    some = places(most_of_one=3)
    for _ in range(3):
        (await some.enter("eve")).leave()
    with pytest.raises(RateLimited):
        await some.enter("eve")
    (await some.enter("alice")).close()


@in_a_loop
async def test_who_waits_for_another_process_has_no_place() -> None:
    some, log = places(1), list[str]()
    place = await some.enter("alice")
    waiting = await begun(some, "bob", log)
    release_permit()
    release_permit()
    await waiting
    place.close()
    assert log == ["bob"]
    await turn(some, "carol", log)


@in_a_loop
async def test_a_place_is_not_kept_by_what_takes_long() -> None:
    some = FairLimiter(1, hold_s=0.01, wait_s=LONG_S)
    first = await some.enter("alice")
    second = await some.enter("bob")
    first.close()
    second.close()


@in_a_loop
async def test_a_place_is_kept_while_the_process_computes() -> None:
    """Else slow work would be begun all at once as soon as there is much of it."""
    some, log = FairLimiter(1, hold_s=0.01, wait_s=LONG_S), list[str]()
    first = await some.enter("alice")
    waiting = await begun(some, "bob", log)
    for _ in range(5):
        until = time.monotonic() + 0.03
        while time.monotonic() < until:
            pass  # the loop stands still
        await asyncio.sleep(0)
    assert log == []
    first.close()
    await waiting


@in_a_loop
async def test_who_has_this_machine_work_for_it_keeps_its_place() -> None:
    some, log = FairLimiter(1, hold_s=0.001, wait_s=LONG_S), list[str]()
    first = await some.enter("alice")
    waiting = await begun(some, "bob", log)
    with working():
        for _ in range(20):
            await asyncio.sleep(0.002)  # others have their turn
        assert log == []
    await waiting
    first.close()
    assert log == ["bob"]


@in_a_loop
async def test_who_leaves_the_queue_takes_no_turn() -> None:
    some, log = places(1), list[str]()
    place = await some.enter("alice")
    gone = await begun(some, "bob", log)
    waiting = await begun(some, "carol", log)
    # Called, and cancelled before it comes.
    place.close()
    gone.cancel()
    await waiting
    with pytest.raises(asyncio.CancelledError):
        await gone
    await turn(some, "bob", log)
    assert log == ["carol", "bob"]


@in_a_loop
async def test_nobody_waits_for_ever() -> None:
    some = FairLimiter(1, hold_s=LONG_S, wait_s=0.01)
    place = await some.enter("alice")
    with pytest.raises(ServiceUnavailable):
        await some.enter("bob")
    place.close()
    (await some.enter("bob")).close()
