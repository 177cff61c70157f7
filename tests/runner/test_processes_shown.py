"""The catalog's lists of processes, as the runner executes them."""

from __future__ import annotations

import re
from pathlib import Path

from pisovereign import storage
from tests.runner.conftest import Runner

DEFAULTS = Path(storage.__file__).parent / "migrations" / "0004_catalog.sql"


def test_processes_of_the_machine_are_shown(runner: Runner) -> None:
    commands = re.findall(r"'(ps [^']+)'", DEFAULTS.read_text())
    assert len(commands) == 2
    for command in commands:
        done = runner.run(*command.split())
        assert (done.exit_code, done.stderr) == (0, "")
        head, *lines = done.stdout.splitlines()
        assert head.split()[:2] == ["PID", "USER"]
        assert str(runner.process.pid) in {line.split()[0] for line in lines}
