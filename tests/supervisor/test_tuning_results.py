"""Kept results are used for what they were measured with, and for nothing else."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pisovereign.engine.compute_settings import ComputeSettings, EngineChoice, PinnedSettings
from pisovereign.engine.machine import this_board, this_build
from pisovereign.supervisor.tuning_results import Subject, TuningResult, TuningResults

SUBJECT = Subject(
    model="m",
    sha256="0" * 64,
    board=this_board(),
    build=this_build(),
    sequences=4,
    context=1024,
    wishes=PinnedSettings(),
    wait_policy=None,
    weights="auto",
)


def tuned(subject: Subject = SUBJECT) -> TuningResult:
    settings = subject.wishes.apply(ComputeSettings(threads=2, batch_threads=3))
    choice = EngineChoice(settings=settings, wait_policy="active")
    return TuningResult(
        subject=subject, choice=choice, weights="file", reports=[], measured_at=1.0, seconds=1.0
    )


def test_a_result_is_private_and_found_again(data_dir: Path) -> None:
    files = TuningResults(data_dir)
    assert files.load(SUBJECT) is None
    path = files.save(tuned())
    assert files.load(SUBJECT) == tuned()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    "changes",
    [
        {"sha256": "1" * 64},
        {"sequences": 2},
        {"context": 512},
        {"wishes": PinnedSettings(flash_attention=True)},
        {"wait_policy": "passive"},
        {"board": msgspec.structs.replace(this_board(), cores=77)},
        {"board": msgspec.structs.replace(this_board(), features="other")},
        {"build": msgspec.structs.replace(this_build(), libraries="other")},
        {"revision": 0},
    ],
)
def test_anything_else_is_measured_anew_and_both_are_kept(
    data_dir: Path, changes: dict[str, Any]
) -> None:
    files = TuningResults(data_dir)
    files.save(tuned())
    other = msgspec.structs.replace(SUBJECT, **changes)
    assert files.load(other) is None
    files.save(tuned(other))
    assert files.load(other) == tuned(other)
    assert files.load(SUBJECT) == tuned()


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]", b'{"subject": 1}'])
def test_a_file_that_cannot_be_read_is_a_warning(
    data_dir: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    files = TuningResults(data_dir)
    path = files.save(tuned())
    path.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert files.load(SUBJECT) is None
    assert [str(path) in r.getMessage() for r in caplog.records] == [True]
    files.save(tuned())
    assert files.load(SUBJECT) == tuned()


def test_a_file_of_something_else_is_a_warning(
    data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = TuningResults(data_dir)
    other = msgspec.structs.replace(SUBJECT, sequences=2)
    files.save(tuned()).rename(files.path(other))
    assert files.load(other) is None
    assert "something else" in caplog.text


def test_a_result_that_breaks_a_wish_is_not_used(data_dir: Path) -> None:
    files = TuningResults(data_dir)
    wished = msgspec.structs.replace(SUBJECT, wishes=PinnedSettings(threads=1))
    result = tuned(wished)
    result.choice = tuned().choice
    files.save(result)
    assert files.load(wished) is None
