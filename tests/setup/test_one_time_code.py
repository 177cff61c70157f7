"""The one-time code by itself, with a clock of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pisovereign.errors import RateLimited
from pisovereign.setup.one_time_code import ATTEMPTS, LENGTH, LETTERS, PAUSE_S, OneTimeCode


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "setup" / "code"


def test_it_can_be_typed_and_only_its_owner_can_read_it(path: Path, clock: Clock) -> None:
    OneTimeCode(path, clock)
    assert re.fullmatch(f"[{LETTERS}]{{4}}-[{LETTERS}]{{4}}\n", path.read_text())
    assert not set("01IOL") & set(LETTERS)
    assert len(LETTERS) ** LENGTH > 2**39
    assert path.stat().st_mode & 0o777 == 0o600


def test_it_is_good_once(path: Path, clock: Clock) -> None:
    codes = OneTimeCode(path, clock)
    first = path.read_text()
    assert codes.redeem(first)
    assert not codes.redeem(first)
    assert codes.redeem(path.read_text().lower().replace("-", " "))


def test_wrong_ones_cost_time_and_the_code(path: Path, clock: Clock) -> None:
    codes = OneTimeCode(path, clock)
    first = path.read_text()
    assert not any(
        codes.redeem(wrong) for wrong in ["", "é", "A" * 64, "----", first[:-2]][:ATTEMPTS]
    )
    for _ in range(2):
        with pytest.raises(RateLimited) as refused:
            codes.redeem(path.read_text())
        assert refused.value.retry_after == PAUSE_S
    clock.now += PAUSE_S
    assert not codes.redeem(first)
    assert codes.redeem(path.read_text())


def test_right_ones_do_not_add_up_with_wrong_ones(path: Path, clock: Clock) -> None:
    codes = OneTimeCode(path, clock)
    for _ in range(3):
        assert not any(codes.redeem("wrong") for _ in range(ATTEMPTS - 1))
        assert codes.redeem(path.read_text())


def test_in_the_end_there_is_none(path: Path, clock: Clock) -> None:
    codes = OneTimeCode(path, clock)
    last = path.read_text()
    codes.invalidate()
    assert not path.exists()
    assert not codes.redeem(last)
    assert not codes.redeem("")
