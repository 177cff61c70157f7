"""What a process that converts bytes can do, and what becomes of one that fails."""

from __future__ import annotations

import asyncio

import pytest

from pisovereign.process.confined import ConfinedError, Limits, run_confined

LIMITS = Limits(seconds=120, cpu_s=60, memory_bytes=1 << 30, output_bytes=100_000)
OUTSIDE = ("open", "write", "unix", "internet", "start", "fork", "kill")
CONVERTERS = "tests.support.converters"


def converted(what: str, data: bytes = b"", limits: Limits = LIMITS) -> bytes:
    return asyncio.run(run_confined(CONVERTERS, data, limits, (what,)))


def test_bytes_are_converted() -> None:
    assert converted("reverse", b"abc" * 30_000) == b"cba" * 30_000


@pytest.mark.parametrize("what", [*OUTSIDE, "vsock", "namespace", "io_uring"])
def test_nothing_outside_can_be_reached(what: str) -> None:
    assert converted(what) == b"Operation not permitted"


@pytest.mark.parametrize(
    ("what", "reason"), [("memory", "failed"), ("flood", "output"), ("hang", "time")]
)
def test_who_takes_too_much_is_ended(what: str, reason: str) -> None:
    limits = LIMITS._replace(seconds=4) if what == "hang" else LIMITS
    with pytest.raises(ConfinedError) as raised:
        converted(what, limits=limits)
    assert raised.value.reason == reason


def test_who_computes_without_end_is_ended() -> None:
    with pytest.raises(ConfinedError) as raised:
        converted("spin", limits=LIMITS._replace(cpu_s=1))
    assert raised.value.reason == "failed"
