from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pisovereign.engine.openmp import run_in_own_thread
from tests.engine.support import MODEL

_COUNT = """
import os, sys, time
from pathlib import Path
from pisovereign.engine.openmp import set_up_openmp

os.environ["OPENBLAS_NUM_THREADS"] = "1"
set_up_openmp("passive")
from pisovereign.engine.llama import Model

def threads():
    return len(os.listdir("/proc/self/task"))

before = threads()
model = Model(Path(sys.argv[1]))
limit = time.monotonic() + 60  # a thread that has ended for Python is there for some milliseconds
while threads() > before and time.monotonic() < limit:
    time.sleep(0.01)
print(before, threads())
"""


def test_what_is_done_apart_is_done_in_a_thread_that_is_gone() -> None:
    thread = run_in_own_thread(threading.current_thread)
    assert thread is not threading.current_thread()
    assert not thread.is_alive()


def test_what_is_raised_apart_arrives() -> None:
    with pytest.raises(ValueError, match="x1"):
        run_in_own_thread(int, "x1")


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core makes no team")
def test_loading_a_model_leaves_no_team_behind(models_dir: Path) -> None:
    """Where the processor has AMX, weights are laid out anew with all threads; elsewhere by one."""
    argv = [sys.executable, "-c", _COUNT, str(models_dir / MODEL / "model.gguf")]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    before, after = done.stdout.split()
    assert before == after
