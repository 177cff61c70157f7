"""Who lets others compute first."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.support.server import Server

AUTOGROUP = Path("/proc/self/autogroup")
PROGRAM = """
from pathlib import Path
from pisovereign.process.priority import lower_priority
lower_priority(7)
lower_priority(7)
print(Path("/proc/self/stat").read_text().split()[18])
print(Path("/proc/self/autogroup").read_text().split()[-1])
"""


def _has_autogroups() -> bool:
    return AUTOGROUP.exists() and AUTOGROUP.read_text() != ""


@pytest.mark.skipif(not _has_autogroups(), reason="sessions are no groups of their own here")
@pytest.mark.parametrize("own_session", [True, False])
def test_a_session_gives_way_as_its_leader_does(own_session: bool) -> None:
    argv = [sys.executable, "-c", PROGRAM]
    told = subprocess.run(
        argv, capture_output=True, text=True, check=True, start_new_session=own_session
    ).stdout.split()
    usual = AUTOGROUP.read_text().split()[-1]
    assert told == [str(min(os.nice(0) + 14, 19)), "7" if own_session else usual]


def test_the_engine_lets_others_compute_first(server: Server) -> None:
    api, engine = server.child("pisovereign.cli.serve api"), server.child("pisovereign.engine.main")
    assert psutil.Process(engine).nice() > psutil.Process(api).nice()
