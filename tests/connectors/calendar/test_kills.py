"""Whenever the process that creates an event is killed, the event is there once in the end."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest

from tests.connectors.calendar.kills import Left


@pytest.mark.parametrize("kind", ["events", "tasks"])
def test_no_kill_makes_one_twice_or_none(kind: str) -> None:
    argv = [sys.executable, "-m", "tests.connectors.calendar.kills", "40", kind]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    left = msgspec.json.decode(done.stdout, type=Left)
    assert left.kills >= 40
    assert left.unanswered >= 5
    assert left.events >= 5
    assert (left.missing, left.twice, left.strangers) == (0, 0, 0)
