from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path

import pytest

from pisovereign.errors import StartError
from pisovereign.storage.embedded.account import Account, current_account
from pisovereign.storage.embedded.binaries import Binaries, available, usable_binaries

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def nobody() -> Account:
    entry = pwd.getpwnam("nobody")
    return Account("nobody", entry.pw_uid, entry.pw_gid, switch=True)


@pytest.fixture
def hidden(open_folder: Path) -> Binaries:
    """Real programs in a folder that only root can enter, installed with a strict umask."""
    original = available()[-1]
    home = open_folder / "home"
    for part in original.parts:
        shutil.copytree(original.root / part, home / part)
    for path in home.rglob("*"):
        path.chmod(path.stat().st_mode & 0o700)
    home.chmod(0o700)
    return original._replace(
        root=home,
        bin=home / original.bin.relative_to(original.root),
        share=home / original.share.relative_to(original.root),
    )


def test_programs_within_reach_are_used_as_they_are(open_folder: Path) -> None:
    binaries = available()[0]
    assert usable_binaries(binaries, current_account(), open_folder / "shared") == binaries
    assert not (open_folder / "shared").exists()


def test_hidden_programs_are_copied_once_and_work(
    hidden: Binaries, nobody: Account, open_folder: Path
) -> None:
    shared = open_folder / "shared"
    copy = usable_binaries(hidden, nobody, shared)
    assert copy.bin.is_relative_to(shared / f"postgresql-{hidden.version}")
    assert not nobody.can_enter(hidden.bin)
    stamp = copy.program("postgres").stat()
    assert stamp.st_uid == 0
    assert usable_binaries(hidden, nobody, shared) == copy
    assert copy.program("postgres").stat() == stamp
    assert [path.name for path in shared.iterdir()] == [f"postgresql-{hidden.version}"]

    cluster = open_folder / "cluster"
    cluster.mkdir(mode=0o700)
    nobody.own(cluster)
    subprocess.run(
        [copy.program("initdb"), "-D", cluster, "--no-sync", "-U", "postgres"],
        cwd="/",
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **nobody.identity,
    )


def test_a_closed_shared_folder_is_a_clear_error(
    hidden: Binaries, nobody: Account, open_folder: Path
) -> None:
    shared = open_folder / "shared"
    shared.mkdir(mode=0o700)
    with pytest.raises(StartError, match="nobody cannot run"):
        usable_binaries(hidden, nobody, shared)


def test_a_copy_that_fails_leaves_nothing(
    hidden: Binaries, nobody: Account, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copytree", full)
    with pytest.raises(StartError, match="No space left"):
        usable_binaries(hidden, nobody, open_folder / "shared")
    assert list((open_folder / "shared").iterdir()) == []
