"""How much of the log one thing may fill."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from pisovereign.log_bounds import OF_ALL, OF_ONE_PLACE, LogBounds, is_written
from pisovereign.logs import MOST_PLACE, log_unexpected


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def written(clock: Clock) -> Iterator[io.StringIO]:
    """What is written by a handler with bounds."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(LogBounds(clock))
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)


def test_one_place_fills_little_and_the_next_minute_is_another(
    written: io.StringIO, clock: Clock
) -> None:
    for _ in range(2):
        for number in range(5000):
            logging.getLogger("noise").warning("bad request %d", number)
        clock.now += 61
    lines = written.getvalue().splitlines()
    assert len(lines) == 2 * OF_ONE_PLACE
    assert [line for line in lines if "more of this is left out" in line] == [
        f"bad request {OF_ONE_PLACE - 1} (more of this is left out for up to 60 s)"
    ] * 2


def test_it_hides_no_other_line(written: io.StringIO) -> None:
    for _ in range(5000):
        logging.getLogger("noise").warning("bad request")
    logging.getLogger("database").error("the disk is full")
    assert written.getvalue().endswith("the disk is full\n")


def test_all_places_together_are_bounded_too(written: io.StringIO) -> None:
    for place in range(2 * OF_ALL):
        logging.getLogger("noise").warning("bad", extra={"place": str(place)})
    assert len(written.getvalue().splitlines()) == OF_ALL


def test_errors_are_told_apart_by_where_they_come_from(written: io.StringIO) -> None:
    def fail(kind: type[Exception]) -> None:
        try:
            raise kind
        except kind as error:
            log_unexpected(error)

    def fail_elsewhere() -> None:
        fail(KeyError)

    for _ in range(200):
        fail(ValueError)
    fail_elsewhere()
    assert written.getvalue().count("unexpected ValueError") == OF_ONE_PLACE
    assert written.getvalue().count("unexpected KeyError") <= 1


def test_a_deep_error_is_told_by_its_innermost_calls(written: io.StringIO) -> None:
    def fall(depth: int) -> None:
        if not depth:
            raise ValueError
        fall(depth - 1)

    try:
        fall(800)
    except ValueError as error:
        log_unexpected(error)
    assert len(written.getvalue()) < MOST_PLACE + 200
    assert "raise ValueError" in written.getvalue()


def test_further_handlers_know_what_was_left_out() -> None:
    bounds = LogBounds(Clock())
    record = logging.LogRecord("noise", logging.WARNING, "a.py", 1, "bad", (), None)
    assert is_written(record)
    for _ in range(OF_ONE_PLACE + 1):
        passed = bounds.filter(record)
    assert not passed
    assert not is_written(record)
