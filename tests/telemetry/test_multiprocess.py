"""Where servers count: each for itself, and nothing is left of them."""

from __future__ import annotations

import os
from pathlib import Path

import requests

from pisovereign.telemetry.multiprocess import forget_log, log_folder, make_log_folder
from tests.metrics.scrape import report
from tests.support.api_process import ApiProcess
from tests.support.patience import PATIENCE_S
from tests.support.server import Server
from tools.test_run import program_memory


def folders(server: Server) -> set[str]:
    """The folders of running servers with this one's data folder."""
    counting = [pid for pid, line in server.descendants().items() if "cli.serve api" in line]
    places = {
        Path(line.split()[-1]).parent.parent
        for pid in counting
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines()
        if line.endswith(".db")
    }
    return {entry.name for place in places for entry in place.iterdir()}


def test_another_api_of_the_same_data_folder_counts_for_itself(server: Server) -> None:
    requests.get(f"{server.url}/health", timeout=PATIENCE_S)
    before, there = report(server)["http"]["requests_total"], folders(server)
    with ApiProcess(server) as api:
        assert requests.get(f"{api.url}/health", timeout=PATIENCE_S).status_code == 200
        assert len(folders(server)) == len(there) + 1
    assert folders(server) == there
    assert report(server)["http"]["requests_total"] == before + 1


def test_who_asks_where_the_latest_lines_are_makes_nothing(tmp_path: Path) -> None:
    assert not log_folder(tmp_path).parent.exists()
    assert not program_memory(tmp_path).exists()
    folder = make_log_folder(tmp_path)
    assert folder.is_dir()
    assert log_folder(tmp_path) == folder
    forget_log(tmp_path)
    assert not folder.parent.exists()


def test_a_name_that_is_taken_is_not_used(tmp_path: Path) -> None:
    taken = program_memory(tmp_path)
    taken.symlink_to(tmp_path / "nowhere")
    try:
        folder = make_log_folder(tmp_path)
        assert folder.is_relative_to(tmp_path)
        assert log_folder(tmp_path) == folder
    finally:
        taken.unlink()
    assert not (tmp_path / "nowhere").exists()


def test_the_latest_lines_go_with_the_last_server(tmp_path: Path) -> None:
    folder = make_log_folder(tmp_path)
    other = folder / f"api-{os.getppid()}.new"
    for path in (folder / f"api-{os.getpid()}.new", folder / "engine-999999999.old", other):
        path.write_bytes(b"{}\n")
    forget_log(tmp_path)
    assert list(folder.iterdir()) == [other]
    other.unlink()
    forget_log(tmp_path)
    assert not folder.parent.exists()
