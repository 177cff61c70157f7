"""The lock keeps a second call waiting, and ends with its holder."""

import subprocess
import sys
import time
from pathlib import Path

from tests.support.patience import PATIENCE_S
from tools.locking import locked

ROOT = Path(__file__).parents[2]
HOLD = """
import sys, time
from pathlib import Path
from tools.locking import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""
START = """
    from tools import stage
    folder = Path(sys.argv[1])
    command = ["sh", "-c", "touch begun; sleep 1; touch written"]
    stage.run("Step", command, log=folder / "log", cwd=folder)
"""


def test_a_killed_holder_frees_the_lock(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        waiter = subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert waiter.stdout is not None
        assert waiter.stdout.readline().startswith("Waiting for another call")
        holder.kill()
        assert waiter.stdout.readline() == "held\n"
        waiter.kill()
        waiter.communicate()


def test_what_a_killed_holder_started_still_holds_it(tmp_path: Path) -> None:
    program = HOLD.replace("    time.sleep(60)", START)
    argv = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        deadline = time.monotonic() + PATIENCE_S
        while not (tmp_path / "begun").exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        holder.kill()
    with locked(tmp_path):
        assert (tmp_path / "written").exists()


def test_the_lock_does_not_outlive_its_block(tmp_path: Path) -> None:
    for _ in range(2):
        with locked(tmp_path):
            pass
    assert not list(tmp_path.iterdir())  # nothing is left to be mistaken for a lock
