from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from pisovereign.errors import StartError
from pisovereign.storage.embedded.account import current_account
from pisovereign.storage.embedded.layout import make_private, plan_layout, postgres_folder

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def test_the_usual_place_is_the_data_folder(open_folder: Path) -> None:
    layout = plan_layout(postgres_folder(open_folder), open_folder / "shared")
    assert layout.cluster == open_folder / "postgres" / "cluster"
    assert layout.location is None
    assert not (open_folder / "shared").exists()


@as_root
def test_a_folder_the_servers_user_cannot_enter_is_left_as_it_is(open_folder: Path) -> None:
    home, shared = open_folder / "home", open_folder / "shared"
    home.mkdir(mode=0o700)
    folder = postgres_folder(home / "data")
    layout = plan_layout(folder, shared)
    assert layout.cluster.is_relative_to(shared)
    layout.prepare()
    layout.cluster.mkdir()
    os.chown(layout.cluster, layout.account.uid, -1)
    layout.record()
    assert stat.S_IMODE((folder / "location").stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "data").stat().st_mode) == 0o700
    again = plan_layout(folder, shared)
    assert again == layout
    assert again.account.can_enter(layout.cluster.parent)


@as_root
def test_an_unrecorded_place_is_another_one_each_time(open_folder: Path) -> None:
    open_folder.chmod(0o700)
    folder = postgres_folder(open_folder)
    first, second = (plan_layout(folder, open_folder / "shared") for _ in range(2))
    assert first.cluster != second.cluster


def test_a_recorded_cluster_that_is_gone_refuses_the_start(open_folder: Path) -> None:
    folder = postgres_folder(open_folder)
    (folder / "location").write_text(f"{open_folder}/gone\n")
    with pytest.raises(StartError, match="missing") as caught:
        plan_layout(folder)
    assert f"{open_folder}/gone/cluster" in str(caught.value)


@as_root
def test_a_shared_folder_that_is_closed_is_a_clear_error(open_folder: Path) -> None:
    open_folder.chmod(0o700)
    layout = plan_layout(postgres_folder(open_folder / "data"), open_folder / "shared")
    with pytest.raises(StartError, match="cannot enter"):
        layout.prepare()


def test_a_long_path_gets_a_short_socket_which_stays_the_same(open_folder: Path) -> None:
    deep = open_folder / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    folder = postgres_folder(deep)
    sockets = {plan_layout(folder).socket for _ in range(2)}
    assert len(sockets) == 1
    assert len(os.fsencode(sockets.pop() / ".s.PGSQL.5432")) < 90


def test_a_data_folder_that_cannot_be_made_is_a_clear_error(open_folder: Path) -> None:
    (open_folder / "file").touch()
    with pytest.raises(StartError, match="cannot be used"):
        postgres_folder(open_folder / "file" / "data")


def test_a_private_folder_is_made_once_and_foreign_ones_are_refused(open_folder: Path) -> None:
    me, folder = current_account(), open_folder / "socket"
    make_private(folder, me)
    make_private(folder, me)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(0o750)
    with pytest.raises(StartError, match="0700"):
        make_private(folder, me)
    folder.chmod(0o700)
    (open_folder / "link").symlink_to(folder)
    with pytest.raises(StartError, match="0700"):
        make_private(open_folder / "link", me)
    with pytest.raises(StartError, match="0700"):
        make_private(folder, me._replace(uid=me.uid + 1))
