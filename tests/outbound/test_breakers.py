"""When a host is given a pause, and when it is asked again."""

from __future__ import annotations

import asyncio
import contextlib
import threading

import pytest

from pisovereign.errors import HostFailed, HostPaused, NotFound, Refused
from pisovereign.outbound.breakers import Breakers

HOST = ("dav.example", 443)


async def ends(breakers: Breakers, error: BaseException | None, host: str = HOST[0]) -> None:
    with contextlib.suppress(HostFailed, OSError, EOFError, NotFound, asyncio.CancelledError):
        async with breakers.guard(host, 443):
            if error is not None:
                raise error


def resting(breakers: Breakers) -> bool:
    return breakers.pause_left_s(*HOST) > 0


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    "error", [HostFailed("x"), OSError(), TimeoutError(), ConnectionResetError(), EOFError()]
)
def test_five_failures_in_a_row_open_the_circuit(error: Exception) -> None:
    async def scenario() -> None:
        breakers = Breakers()
        for _ in range(4):
            await ends(breakers, error)
        assert not resting(breakers)
        await ends(breakers, error)
        with pytest.raises(HostPaused, match=r"dav\.example:443 .* again in 30 s") as raised:
            async with breakers.guard("DAV.example", 443):
                pytest.fail("the block was run")
        assert raised.value.retry_after == 30

    asyncio.run(scenario())


def test_only_the_failing_host_rests() -> None:
    async def scenario() -> None:
        breakers = Breakers(failures=1)
        await ends(breakers, OSError())
        assert resting(breakers)
        await ends(breakers, None, "other.example")
        assert breakers.pause_left_s("dav.example", 8443) == 0

    asyncio.run(scenario())


@pytest.mark.parametrize("error", [NotFound("x"), Refused("x"), asyncio.CancelledError()])
def test_what_is_not_the_hosts_fault_does_not_count(error: BaseException) -> None:
    async def scenario() -> None:
        breakers = Breakers(failures=2)
        for _ in range(10):
            with contextlib.suppress(Refused):
                await ends(breakers, error)
        assert not resting(breakers)

    asyncio.run(scenario())


def test_a_success_in_between_starts_the_count_anew() -> None:
    async def scenario() -> None:
        breakers = Breakers(failures=2)
        for _ in range(5):
            await ends(breakers, OSError())
            await ends(breakers, None)
        assert not resting(breakers)

    asyncio.run(scenario())


def test_after_the_pause_two_successes_close_it() -> None:
    async def scenario() -> None:
        clock = Clock()
        breakers = Breakers(failures=2, clock=clock)
        await ends(breakers, OSError())
        await ends(breakers, OSError())
        assert resting(breakers)
        clock.now += 30
        await ends(breakers, None)
        await ends(breakers, None)
        await ends(breakers, OSError())
        assert not resting(breakers)  # closed again: one failure is not enough

    asyncio.run(scenario())


def test_one_failure_after_the_pause_opens_it_again() -> None:
    async def scenario() -> None:
        clock = Clock()
        breakers = Breakers(failures=5, clock=clock)
        for _ in range(5):
            await ends(breakers, OSError())
        clock.now += 30
        await ends(breakers, None)
        await ends(breakers, OSError())
        assert resting(breakers)

    asyncio.run(scenario())


def test_one_that_was_late_does_not_close_it() -> None:
    async def scenario() -> None:
        clock = Clock()
        breakers = Breakers(failures=1, clock=clock)
        async with breakers.guard(*HOST):
            await ends(breakers, OSError())
        assert resting(breakers)

    asyncio.run(scenario())


def test_threads_and_the_event_loop_count_together() -> None:
    breakers = Breakers(failures=200)

    def work() -> None:
        for _ in range(50):
            with contextlib.suppress(HostFailed, OSError), breakers.guard_blocking(*HOST):
                raise OSError

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert resting(breakers)
