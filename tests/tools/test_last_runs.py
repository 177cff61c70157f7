"""What is said of the last long runs: what they came to, and what has changed since."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tools import last_runs
from tools.last_runs import PLACE, ROOT, Run

NO_IMAGE = f"make image-test: no run is noted in {PLACE}"


def git(folder: Path, *arguments: str) -> None:
    person = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org"}
    person |= {"GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org"}
    nothing = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(["git", *arguments], cwd=folder, check=True, env=os.environ | person | nothing)


def commit(clone: Path) -> None:
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", "One")


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No clone around the temporary folder counts."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "clone"
    for name in ("pisovereign/jobs/queue.py", "image/disk.py", PLACE):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text("")
    git(folder, "init", "--quiet")
    commit(folder)
    return folder


def soak(clone: Path) -> str:
    line, image = last_runs.lines(clone)
    assert image == NO_IMAGE
    line = re.sub(r"at [0-9a-f]{8} ", "at COMMIT ", line)
    return re.sub(r"on \d{4}-\d\d-\d\d ", "on TODAY ", line)


def test_nothing_is_noted_at_first(clone: Path) -> None:
    assert last_runs.lines(clone) == [f"make soak: no run is noted in {PLACE}", NO_IMAGE]


def test_a_run_counts_until_what_it_covers_changes(clone: Path) -> None:
    Run(clone, "soak").write(41, [])
    same = "make soak: passed at COMMIT on TODAY (41 parts, 0 min); "
    assert soak(clone) == same + "nothing that it covers has changed since"
    (clone / "image/disk.py").write_text("two")
    commit(clone)
    assert soak(clone) == same + "nothing that it covers has changed since"
    (clone / "pisovereign/jobs/queue.py").write_text("two")
    changed = same + "since then 1 file that it covers has changed: pisovereign/jobs/queue.py"
    assert soak(clone) == changed
    commit(clone)
    assert soak(clone) == changed


def test_of_many_files_only_some_are_named(clone: Path) -> None:
    Run(clone, "soak").write(41, [])
    for number in range(12):
        (clone / f"pisovereign/new_{number:02}.py").write_text("")
    assert soak(clone).endswith(
        "since then 12 files that it covers have changed: pisovereign/new_00.py, "
        "pisovereign/new_01.py, pisovereign/new_02.py, pisovereign/new_03.py, "
        "pisovereign/new_04.py, …"
    )


def test_what_failed_is_named(clone: Path) -> None:
    Run(clone, "soak").write(41, ["tests/memory", "tests/agents"])
    assert soak(clone).startswith(
        "make soak: FAILED (tests/agents, tests/memory) at COMMIT on TODAY (41"
    )


def test_what_is_edited_while_it_runs_was_not_covered(clone: Path) -> None:
    run = Run(clone, "soak")
    (clone / "pisovereign/jobs/queue.py").write_text("two")
    run.write(41, [])
    assert soak(clone).endswith("has changed: pisovereign/jobs/queue.py")


def test_changes_that_no_commit_has_are_told(clone: Path) -> None:
    (clone / "pisovereign/jobs/queue.py").write_text("two")
    Run(clone, "soak").write(41, [])
    commit(clone)
    assert "passed at COMMIT with uncommitted changes on TODAY" in soak(clone)
    assert soak(clone).endswith("nothing that it covers has changed since")


def test_a_clone_without_the_commit_knows_by_the_digest(clone: Path) -> None:
    Run(clone, "soak").write(41, [])
    shutil.rmtree(clone / ".git")
    assert soak(clone).endswith(
        "whether files that it covers have changed since is not known outside of a clone"
    )
    git(clone, "init", "--quiet")
    commit(clone)
    assert soak(clone).endswith("nothing that it covers has changed since")
    (clone / "pisovereign/jobs/queue.py").write_text("two")
    assert soak(clone).endswith("have changed since (which ones, this clone cannot tell)")


def test_a_run_outside_of_a_clone_is_not_noted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Run(tmp_path, "soak").write(41, [])
    assert capsys.readouterr().out == f"Not noted in {PLACE}: this is no clone.\n"
    assert not (tmp_path / PLACE).exists()


def test_runs_of_other_kinds_stay(clone: Path) -> None:
    Run(clone, "image-test-pc").write(20, [])
    Run(clone, "soak").write(41, [])
    commands = [line.partition(": ")[0] for line in last_runs.lines(clone)]
    assert commands == ["make soak", "make image-test", 'make image-test ARGS="--config pc"']
    assert last_runs.text(last_runs.read(clone)) == (clone / PLACE).read_text()


def test_what_is_noted_here_can_be_read() -> None:
    assert all(line.startswith("make ") for line in last_runs.lines(ROOT))


def test_each_image_that_is_booted_can_be_noted() -> None:
    images = {f"image-test-{path.stem}" for path in (ROOT / "image" / "config").glob("*.yaml")}
    assert last_runs.KINDS.keys() == images | {"soak"}


@pytest.mark.parametrize("kind", sorted(last_runs.KINDS))
def test_what_a_run_covers_is_there(kind: str) -> None:
    assert all((ROOT / path).exists() for path in last_runs.KINDS[kind].covers)
