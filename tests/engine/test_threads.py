from __future__ import annotations

import os
from pathlib import Path

import pytest

from pisovereign.engine.threads import default_threads


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
