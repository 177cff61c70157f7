from __future__ import annotations

import os
import pwd
import subprocess
from pathlib import Path

import pytest

from pisovereign.errors import StartError
from pisovereign.storage.embedded.account import Account, current_account, service_account

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
not_root = pytest.mark.skipif(os.geteuid() == 0, reason="needs an ordinary user")


def nobody() -> Account:
    entry = pwd.getpwnam("nobody")
    return Account("nobody", entry.pw_uid, entry.pw_gid, switch=True)


@not_root
def test_an_ordinary_user_runs_the_server_as_themselves(tmp_path: Path) -> None:
    account = service_account(tmp_path / "new")
    assert account == current_account()
    assert account.identity == {}


@not_root
def test_somebody_elses_cluster_is_refused() -> None:
    with pytest.raises(StartError, match="belongs to root"):
        service_account(Path("/etc"))


@as_root
@pytest.mark.parametrize("missing", [(), ("postgres",)])
def test_root_becomes_postgres_or_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: tuple[str, ...]
) -> None:
    real = pwd.getpwnam

    def getpwnam(name: str) -> pwd.struct_passwd:
        if name in missing:
            raise KeyError(name)
        return real("nobody" if name == "postgres" and "postgres" not in users() else name)

    def users() -> set[str]:
        return {entry.pw_name for entry in pwd.getpwall()}

    monkeypatch.setattr(pwd, "getpwnam", getpwnam)
    account = service_account(tmp_path / "new")
    assert account.uid != 0
    expected = "postgres" if not missing and "postgres" in users() else "nobody"
    assert account.name == expected
    done = subprocess.run(
        ["id", "-u", "-n"], stdout=subprocess.PIPE, text=True, check=True, **account.identity
    )
    assert done.stdout.strip() == expected
    groups = subprocess.run(
        ["id", "-G"], stdout=subprocess.PIPE, text=True, check=True, **account.identity
    )
    assert groups.stdout.split() == [str(account.gid)]


@as_root
def test_root_becomes_the_owner_of_an_existing_cluster(tmp_path: Path) -> None:
    os.chown(tmp_path, nobody().uid, nobody().gid)
    assert service_account(tmp_path).name == "nobody"


@as_root
def test_a_cluster_of_root_is_refused_with_the_command_that_helps(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="chown -R"):
        service_account(tmp_path)


@as_root
def test_reachability_is_asked_for_the_other_user(open_folder: Path) -> None:
    private = open_folder / "private"
    (private / "inner").mkdir(parents=True)
    program = private / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert nobody().can_enter(private / "inner")
    assert nobody().can_run(program)
    private.chmod(0o700)
    assert not nobody().can_enter(private / "inner")
    assert not nobody().can_run(program)
    assert not nobody().can_read(program)
