from __future__ import annotations

from pathlib import Path

import pytest

from pisovereign.engine.tuning.board import this_board, this_build


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
    monkeypatch.setattr("pisovereign.engine.tuning.board._PACKAGE", "no-such-package")
    assert this_build().version == ""
