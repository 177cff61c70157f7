"""The marks are right: what is listed exists, and nothing starts a program unseen."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.tiers import HEAVIEST, ROOT, SOAK, SOAK_NAMES, STARTING, drawn_turn


@pytest.fixture(scope="module")
def names() -> set[str]:
    """The files of tests, and the tests' names."""
    files = list((ROOT / "tests").rglob("test_*.py"))
    found = {str(file.relative_to(ROOT)) for file in files}
    for file in files:
        found.update(re.findall(r"^(?:async )?def (test_\w+)", file.read_text("utf-8"), re.M))
    return found


@pytest.mark.parametrize("entry", sorted(SOAK | STARTING | set(HEAVIEST)))
def test_what_is_listed_exists(names: set[str], entry: str) -> None:
    assert entry in names


@pytest.mark.parametrize("name", sorted(SOAK_NAMES))
def test_there_are_files_of_each_name(name: str) -> None:
    assert any((ROOT / "tests").rglob(name))


UNMARKED = """
import os

def test_it() -> None:
    os.posix_spawn("/bin/true", ["true"], {})
"""
MARKED = UNMARKED.replace("def", "import subprocess\n\ndef", 1)


@pytest.mark.parametrize(("text", "code"), [(UNMARKED, 1), (MARKED, 0)], ids=["new", "known"])
def test_a_test_that_starts_a_program_must_be_known(tmp_path: Path, text: str, code: int) -> None:
    file = tmp_path / "test_sample.py"
    file.write_text(text, encoding="utf-8")
    place = ["-c", str(ROOT / "pyproject.toml"), f"--rootdir={ROOT}", "-p", "tests.conftest"]
    argv = [sys.executable, "-m", "pytest", *place, str(file), "-m", "not soak"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stdout
    assert ("tests/support/tiers.py must know it" in done.stdout) == bool(code)


def test_a_long_file_that_is_named_is_collected_whole() -> None:
    file = "tests/openapi/test_contract.py"
    argv = [sys.executable, "-m", "pytest", "-m", "soak", "--collect-only", file]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout
    assert "test_whatever_is_sent[POST /v1/chat]" in done.stdout


def test_an_order_of_files_hangs_on_its_seed_alone() -> None:
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    items: list[Any] = [SimpleNamespace(path=file) for file in files]

    def order(seed: str) -> list[Path]:
        return [item.path for item in sorted(items, key=partial(drawn_turn, seed))]

    assert order("1") == order("1")
    assert order("1") != order("2")
    assert sorted(order("1")) == files
