"""What a process reached is written also when a signal of its own ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from coverage import CoverageData

from tests.support.tiers import ROOT

PROGRAM = "import signal\nsignal.raise_signal(signal.SIGTERM)\n"


def test_it_is_written_before_the_end(tmp_path: Path) -> None:
    program, data = tmp_path / "program.py", tmp_path / "data"
    program.write_text(PROGRAM, encoding="utf-8")
    settings = tmp_path / "settings"
    settings.write_text(f"[run]\nplugins = tools.coverage_of_workers\ndata_file = {data}\n")
    done = subprocess.run(
        [sys.executable, "-m", "coverage", "run", f"--rcfile={settings}", str(program)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGTERM
    written = CoverageData(str(data))
    written.read()
    assert written.lines(str(program)) == [1, 2]
