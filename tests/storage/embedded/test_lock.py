from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pisovereign.errors import StartError
from pisovereign.storage.embedded.leftovers import FolderLock


def test_only_one_holds_a_folder(tmp_path: Path) -> None:
    first, second = FolderLock(tmp_path / "lock"), FolderLock(tmp_path / "lock")
    first.acquire()
    first.acquire()
    with pytest.raises(StartError, match="another PiSovereign") as caught:
        second.acquire()
    assert str(tmp_path) in str(caught.value)
    first.release()
    second.acquire()
    second.release()


def test_a_killed_holder_gives_it_back_and_its_children_do_not_keep_it(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    code = (
        "import sys, subprocess, pathlib\n"
        "from pisovereign.storage.embedded.leftovers import FolderLock\n"
        "lock = FolderLock(pathlib.Path(sys.argv[1])); lock.acquire()\n"
        "child = subprocess.Popen(['sleep', '20'], close_fds=False, stdout=subprocess.DEVNULL)\n"
        "print(child.pid, flush=True)\n"
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, lock], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        child = int(holder.stdout.readline())
        with pytest.raises(StartError):
            FolderLock(lock).acquire()
        holder.kill()
    again = FolderLock(lock)
    again.acquire()
    again.release()
    subprocess.run(["kill", str(child)], check=True)
