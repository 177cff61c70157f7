from __future__ import annotations

import os
from pathlib import Path

import pytest

from pisovereign.engine.machine import default_threads, this_board, this_build


@pytest.mark.parametrize(
    ("siblings", "expected"),
    [
        ({0: "0"}, 1),
        ({0: "0-1", 1: "0-1"}, 1),
        ({0: "0", 1: "1", 2: "2", 3: "3"}, 3),
        ({0: "0,4", 4: "0,4", 1: "1,5", 5: "1,5"}, 1),
        ({0: None, 1: None, 2: None}, 2),
    ],
)
def test_one_below_the_physical_cores(
    siblings: dict[int, str | None],
    expected: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for cpu, text in siblings.items():
        if text is not None:
            folder = tmp_path / f"cpu{cpu}" / "topology"
            folder.mkdir(parents=True)
            (folder / "thread_siblings_list").write_text(text + "\n")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(siblings))
    assert default_threads(tmp_path) == expected


def test_another_processor_is_another_board(tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nFeatures\t: fp asimd\n\nModel\t\t: Raspberry Pi 5\n")
    pi = this_board(cpuinfo)
    assert pi.cpu == "Raspberry Pi 5"
    assert pi == this_board(cpuinfo)
    cpuinfo.write_text(
        "processor\t: 0\nFeatures\t: fp asimd asimddp\n\nModel\t\t: Raspberry Pi 5\n"
    )
    assert this_board(cpuinfo) != pi


def test_this_machine() -> None:
    board = this_board()
    assert 1 <= board.cores <= board.processors
    assert board.cpu


def test_the_build_is_known_by_version_and_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    build = this_build()
    assert build.version.count(".") == 2
    assert len(build.libraries) == 16
    monkeypatch.setattr("pisovereign.engine.machine._PACKAGE", "no-such-package")
    assert this_build().version == ""
