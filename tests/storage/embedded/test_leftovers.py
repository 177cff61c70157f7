from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from pisovereign.errors import StartError
from pisovereign.storage.embedded import EmbeddedServer
from pisovereign.storage.embedded.account import current_account
from pisovereign.storage.embedded.layout import Layout
from pisovereign.storage.embedded.leftovers import clear_leftovers, runs_cluster
from tests.support.patience import PATIENCE_S
from tests.support.server import wait_until


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    cluster, socket = tmp_path / "cluster", tmp_path / "socket"
    cluster.mkdir()
    socket.mkdir()
    return Layout(current_account(), cluster, socket, tmp_path / "log", None)


def write_pid(layout: Layout, pid: int) -> Path:
    file = layout.cluster / "postmaster.pid"
    file.write_text(f"{pid}\n{layout.cluster}\n")
    return file


def test_nothing_left_is_fine(layout: Layout) -> None:
    clear_leftovers(layout)


def test_a_number_that_another_program_got_does_not_hinder_the_start(layout: Layout) -> None:
    pid_file = write_pid(layout, os.getpid())
    clear_leftovers(layout)
    assert not pid_file.exists()


def test_a_dead_servers_file_is_left_to_postgresql_and_its_socket_removed(layout: Layout) -> None:
    with subprocess.Popen(["true"]) as ended:
        pass
    pid_file = write_pid(layout, ended.pid)
    (layout.socket / ".s.PGSQL.5432").touch()
    (layout.socket / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    clear_leftovers(layout)
    assert pid_file.exists()
    assert list(layout.socket.iterdir()) == []


def test_garbage_in_the_pid_file_is_left_to_postgresql(layout: Layout) -> None:
    (layout.cluster / "postmaster.pid").write_text("")
    clear_leftovers(layout)


def test_a_server_that_still_runs_is_waited_for_and_never_killed(layout: Layout) -> None:
    program = layout.cluster.parent / "postgres"
    program.symlink_to("/bin/sleep")
    with subprocess.Popen([program, "2"], cwd=layout.cluster) as running:
        write_pid(layout, running.pid)
        # The kernel names a process a moment after it started.
        wait_until(
            lambda: runs_cluster(running.pid, layout.cluster), PATIENCE_S, "the process's name"
        )
        with pytest.raises(StartError, match=str(running.pid)):
            clear_leftovers(layout, limit_s=0.2)
        assert running.poll() is None
        clear_leftovers(layout)
        assert not runs_cluster(running.pid, layout.cluster)


def test_another_clusters_server_is_not_taken_for_ours(
    layout: Layout, postgres: EmbeddedServer
) -> None:
    assert postgres.pid is not None
    pid_file = write_pid(layout, postgres.pid)
    assert not runs_cluster(postgres.pid, layout.cluster)
    clear_leftovers(layout)
    assert not pid_file.exists()
