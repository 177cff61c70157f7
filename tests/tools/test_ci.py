"""What CI runs is the same for every commit, on every day."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / ".ci" / "run"
COMMANDS = re.sub(r"(?m)^\s*#.*$", "", SCRIPT.read_text("utf-8"))


def test_it_is_a_script_that_can_be_run() -> None:
    assert SCRIPT.stat().st_mode & 0o100
    subprocess.run(["bash", "-n", SCRIPT], check=True)


def test_it_hangs_on_no_commit_no_day_and_no_chance() -> None:
    assert not re.search(r"git -|git rev|git log|\bdate\b|RANDOM|shuf|seed", COMMANDS)


def test_each_part_always_runs_until_one_fails() -> None:
    """No condition stands before any of it, and the first that fails ends it."""
    assert "set -eu" in COMMANDS
    ran = [line for line in COMMANDS.splitlines() if re.match(r"make|\.venv", line)]
    assert ran == [
        "make test",
        "make side-by-side",
        'make soak ARGS="--durable"',
        ".venv/bin/python -m image check",
        ".venv/bin/python -m tools.last_runs",
    ]
