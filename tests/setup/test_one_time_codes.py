"""The one-time code by itself, with a clock of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pisovereign.errors import RateLimited
from pisovereign.setup.one_time_codes import LENGTH, LETTERS, PAUSE_S, TRIES, Codes


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
    Codes(path, clock)
    assert re.fullmatch(f"[{LETTERS}]{{4}}-[{LETTERS}]{{4}}\n", path.read_text())
    assert not set("01IOL") & set(LETTERS)
    assert len(LETTERS) ** LENGTH > 2**39
    assert path.stat().st_mode & 0o777 == 0o600


def test_it_is_good_once(path: Path, clock: Clock) -> None:
    codes = Codes(path, clock)
    first = path.read_text()
    assert codes.take(first)
    assert not codes.take(first)
    assert codes.take(path.read_text().lower().replace("-", " "))


def test_wrong_ones_cost_time_and_the_code(path: Path, clock: Clock) -> None:
    codes = Codes(path, clock)
    first = path.read_text()
    assert not any(codes.take(wrong) for wrong in ["", "é", "A" * 64, "----", first[:-2]][:TRIES])
    for _ in range(2):
        with pytest.raises(RateLimited) as refused:
            codes.take(path.read_text())
        assert refused.value.retry_after == PAUSE_S
    clock.now += PAUSE_S
    assert not codes.take(first)
    assert codes.take(path.read_text())


def test_right_ones_do_not_add_up_with_wrong_ones(path: Path, clock: Clock) -> None:
    codes = Codes(path, clock)
    for _ in range(3):
        assert not any(codes.take("wrong") for _ in range(TRIES - 1))
        assert codes.take(path.read_text())


def test_in_the_end_there_is_none(path: Path, clock: Clock) -> None:
    codes = Codes(path, clock)
    last = path.read_text()
    codes.forget()
    assert not path.exists()
    assert not codes.take(last)
    assert not codes.take("")
