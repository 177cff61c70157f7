"""What commands do not see."""

from __future__ import annotations

from pathlib import Path

import pytest

from pisovereign.runner.types import SharedFolder
from tests.runner.conftest import start


def test_what_is_hidden_looks_empty(way: str, data_dir: Path) -> None:
    data_dir.chmod(0o755)
    folder, file, private = data_dir / "folder", data_dir / "file", data_dir / "private"
    folder.mkdir()
    (folder / "secret").write_text("of a folder")
    file.write_text("of a file")
    private.mkdir(mode=0o700)
    hidden = (folder, file, private / "one", data_dir / "none")
    runner = start(way, data_dir, *(f"--hide={path}" for path in hidden))
    try:
        shown = runner.run("cat", str(folder / "secret"), str(file))
        assert ("secret" in shown.stdout or "of a" in shown.stdout) == (way == "without")
        assert (runner.run("ls", "-A", str(folder)).stdout == "") == (way != "without")
        assert (folder / "secret").read_text() == "of a folder"
    finally:
        runner.stop()


def test_what_cannot_be_reached_need_not_be_hidden(way: str, data_dir: Path) -> None:
    """A data folder below a private home, with commands of another user."""
    folder = data_dir / "home" / "data"
    folder.mkdir(parents=True)
    folder.parent.chmod(0o700)
    runner = start(way, data_dir, f"--hide={folder}")
    try:
        assert runner.run("uname").stdout == "Linux\n"
    finally:
        runner.stop()


def test_processes_of_others_cannot_be_reached(way: str, data_dir: Path) -> None:
    """The runner's own, which in most ways has the same user as the command."""
    runner = start(way, data_dir)
    try:
        pid = runner.process.pid
        code = """
import os, sys
pid = sys.argv[1]
for name in ("environ", "mem"):
    try:
        open("/proc/" + pid + "/" + name, "rb").read(1)
        print(name, "read")
    except OSError as error:
        print(name, error.strerror)
try:
    os.kill(int(pid), 0)
    print("signaled")
except OSError as error:
    print(error.strerror)
"""
        shown = runner.python(code, str(pid)).stdout.splitlines()
        if way != "without":
            assert shown[0] == "environ Permission denied"
            assert shown[1] == "mem Permission denied"
            assert shown[2] == "No such process"
    finally:
        runner.stop()


@pytest.mark.parametrize("way", ["usual", "account", "user"])
def test_folders_of_people_are_hidden_but_for_those_named(way: str, data_dir: Path) -> None:
    runner = start(way, data_dir)
    try:
        hidden = runner.run("ls", "/srv", "/home", "/root", folders=())
        assert hidden.stdout.split() == ["/home:", "/root:", "/srv:"]
        named = runner.run("ls", "-d", "/srv", folders=(SharedFolder(path="/srv"),))
        assert named.status == "completed", named
    finally:
        runner.stop()


def test_where_nothing_hides_them_it_is_not_run(data_dir: Path) -> None:
    runner = start("without", data_dir)
    try:
        result = runner.run("true", folders=())
        assert (result.status, result.exit_code) == ("failed", None)
        assert "files of people" in result.stderr
        assert runner.run("true").status == "completed"
    finally:
        runner.stop()
