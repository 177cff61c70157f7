"""Folders that were named for a program: below a temporary folder they are seen, and nothing else.

Those in homes and elsewhere: `test_sessions.py`.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pisovereign.runner.types import RunResult, SharedFolder
from tests.runner.conftest import Runner, start


@pytest.fixture(params=["usual", "account", "user"])
def way(request: pytest.FixtureRequest) -> str:
    """The ways that can hide files; where nothing does, no folder can be named."""
    name: str = request.param
    return name


@pytest.fixture(params=["/tmp", "/var/tmp"])
def place(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder in a temporary one, which every account may enter."""
    folder = Path(tempfile.mkdtemp(dir=request.param, prefix="pisov-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def made(folder: Path, text: str) -> Path:
    """A folder with one file."""
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    (folder / "note.txt").write_text(text)
    return folder


def shell(runner: Runner, text: str, *folders: Path | str, write: bool = False) -> RunResult:
    """What some commands of a shell print that sees only these folders."""
    named = tuple(SharedFolder(path=str(folder), write=write) for folder in folders)
    return runner.run("sh", "-c", text, folders=named)


def test_it_is_seen_and_nothing_beside_it(runner: Runner, place: Path) -> None:
    named, other = made(place / "a" / "named ü", "Milk"), made(place / "a" / "other", "Secret")
    shown = shell(
        runner, f"cat '{named}/note.txt'; ls -A {place.parent} {place} {named.parent}", named
    )
    assert shown.stdout.splitlines() == [
        *(f"Milk{place.parent}:", place.name, ""),
        *(f"{place}:", "a", ""),
        *(f"{named.parent}:", named.name),
    ]
    assert shell(runner, f"cat {other}/note.txt", named).stdout == ""


def test_it_is_written_to_only_if_that_is_said(runner: Runner, place: Path) -> None:
    named = made(place / "named", "Milk")
    refused = shell(runner, f"echo Bread >{named}/new", named)
    assert (refused.status, "Read-only" in refused.stderr) == ("failed", True)
    assert shell(runner, f"echo Bread >{named}/new", named, write=True).status == "completed"
    assert (named / "new").read_text() == "Bread\n"


def test_temporary_folders_stay_the_programs_own(runner: Runner, place: Path) -> None:
    named = made(place / "named", "Milk")
    for folders in ((), (named,)):
        code = (
            f"echo x >/tmp/{place.name}-own && ls -A /var/tmp; echo x >/var/tmp/second && echo ok"
        )
        shown = shell(runner, code, *folders)
        assert (f"{place.name}-own" in shown.stdout, shown.stdout[-3:]) == (True, "ok\n")
    assert not Path("/tmp", f"{place.name}-own").exists()
    assert not Path("/var/tmp/second").exists()


def test_without_a_name_nothing_is_seen(runner: Runner, place: Path) -> None:
    made(place / "named", "Milk")
    assert shell(runner, "ls -A /tmp /var/tmp").stdout.split() == ["/tmp:", "/var/tmp:"]
    assert runner.run("ls", "-A", "/tmp", "/var/tmp").stdout.split() == ["/tmp:", "/var/tmp:"]


def test_the_programs_data_in_it_stays_hidden(way: str, place: Path, data_dir: Path) -> None:
    """Also where it is named itself, or by a link, or the folder is named that it lies in."""
    named = made(place / "named", "Milk")
    data, linked = made(named / "data", "Key"), made(named / "linked", "Key")
    made(data / "below", "Key")
    (named / "link").symlink_to(linked)
    (named / "config.toml").write_text("Key")
    hidden = (data, named / "link", named / "config.toml")
    runner = start(way, data_dir, *(f"--hide={path}" for path in hidden))
    try:
        every = shell(runner, f"ls -AR {place}; cat $(find {place} -type f)", named, write=True)
        assert "note.txt" in every.stdout
        assert every.stdout.count("note.txt") == 1
        assert "Milk" in every.stdout
        assert "Key" not in every.stdout
        assert shell(runner, f"ls -A {data}", data).stdout == ""
        assert shell(runner, f"ls -A {data}", named, data).stdout == ""
        below = shell(runner, f"ls -A {data}/below", data / "below")
        assert (below.stdout, "No such file" in below.stderr) == ("", True)
        assert "cannot create" in shell(runner, f"echo x >{data}/new", named, write=True).stderr
    finally:
        runner.stop()
    assert (data / "note.txt").read_text() == "Key"


@pytest.mark.parametrize("inner", ["", "note"])
def test_a_link_is_not_followed(runner: Runner, place: Path, inner: str) -> None:
    """Anybody may put one into a temporary folder, and it may lead to somebody's home."""
    target = made(place / "target", "Secret")
    made(target / "note", "Secret")
    (place / "link").symlink_to(target)
    named = place / "link" / inner
    result = shell(runner, f"cat {named}/note.txt", named)
    assert (result.status, result.exit_code, result.stdout) == ("failed", None, "")
    assert "a folder that it was to see: Not a directory" in result.stderr


@pytest.mark.parametrize("written", ["{place}/named/../other", "/usr/..{place}/other"])
def test_the_folder_above_leads_nowhere(runner: Runner, place: Path, written: str) -> None:
    made(place / "named", "Milk")
    made(place / "other", "Secret")
    named = written.format(place=place)
    result = shell(runner, f"cat {named}/note.txt", place / "named", named)
    assert (result.status, result.exit_code, result.stdout) == ("failed", None, "")
    assert "a folder that it was to see: No such file or directory" in result.stderr


@pytest.mark.skipif(os.getuid() != 0, reason="only root can mount a disk")
def test_disks_in_it_are_seen_but_not_the_programs_data(
    way: str, place: Path, data_dir: Path
) -> None:
    named = made(place / "named", "Milk")
    disk, data = made(named / "disk", "Below"), named / "disk" / "data"
    mounting = (
        'mount -t tmpfs -o mode=0755 none "$0" && mkdir "$0/data" && echo Disk >"$0/note.txt" '
        '&& echo Key >"$0/data/key" && exec "$@"'
    )
    private = ("unshare", "--mount", "sh", "-c", mounting, str(disk))
    uid = {"user": 65534}.get(way, 0)
    program = ("tests.runner.as_user", str(uid)) if uid else ("pisovereign.runner.main",)
    os.chown(data_dir, uid, uid)
    account = ["--account=daemon"] if way == "account" else []
    runner = Runner(data_dir, f"--hide={data}", *account, program=program, below=private)
    try:
        for folder in (named, disk):
            shown = shell(runner, f"cat {disk}/note.txt; ls -A {data}", folder)
            assert shown.stdout == "Disk\n", folder
    finally:
        runner.stop()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give an account another home")
@pytest.mark.parametrize("above", ["/srv", "/var/lib"])
def test_the_home_of_its_account_may_be_anywhere(above: str, data_dir: Path) -> None:
    """Also in a folder that looks empty itself, as those of most people are."""
    home = Path(tempfile.mkdtemp(dir=above, prefix="pisov-home-"))
    try:
        home.chmod(0o755)
        (home / "letter").write_text("Dear")
        named = made(home / "named", "Milk")
        accounts = data_dir / "passwd"
        accounts.write_text(
            f"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::{home}:/bin/sh\n"
        )
        accounts.chmod(0o644)
        other = 'mount --bind "$0" /etc/passwd && exec "$@"'
        below = ("unshare", "--mount", "sh", "-c", other, str(accounts))
        runner = Runner(data_dir, "--account=nobody", below=below)
        try:
            assert shell(runner, f"ls -A {home}").stdout == ""
            assert shell(runner, f"ls -A {home}", named).stdout == "named\n"
        finally:
            runner.stop()
    finally:
        shutil.rmtree(home)
