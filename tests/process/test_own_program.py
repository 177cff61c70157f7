"""What is printed for people to type can be typed."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from pisovereign.process.own_program import typed_name


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs that is not on the path, as after `make run`."""
    folder = tmp_path / "my house" / "bin"
    folder.mkdir(parents=True)
    program = folder / "pisovereign-cli"
    program.write_text("#!/bin/sh\necho here\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    return folder


def answer(said: str) -> str:
    done = subprocess.run(
        ["sh", "-c", said], capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


def test_one_that_is_not_on_the_path_is_told_with_its_folder(folder: Path) -> None:
    said = typed_name("pisovereign-cli")
    assert said == shlex.quote(str(folder / "pisovereign-cli"))
    assert answer(said) == "here\n"


def test_from_the_folder_above_it_is_short(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    assert typed_name("pisovereign-cli") == "bin/pisovereign-cli"
    assert answer(typed_name("pisovereign-cli")) == "here\n"


def test_one_that_is_on_the_path_is_told_by_its_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    assert typed_name("pisovereign-cli") == "pisovereign-cli"
    assert answer(typed_name("pisovereign-cli")) == "here\n"


def test_one_that_is_not_installed_is_told_by_its_name(folder: Path) -> None:
    assert typed_name("pisovereign-console") == "pisovereign-console"
