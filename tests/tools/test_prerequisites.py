"""What is missing is one line that names the packages."""

import importlib.util
import os
import sysconfig
from pathlib import Path

import pytest

from tools import prerequisites
from tools.problem import Problem


def test_a_machine_that_builds_this_lacks_nothing() -> None:
    assert prerequisites.missing() == {}
    prerequisites.require()


def test_everything_missing_is_one_line_with_each_package_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(prerequisites, "python_package", lambda suffix: f"python3-{suffix}")
    with pytest.raises(Problem) as refused:
        prerequisites.require()
    assert str(refused.value) == (
        "Missing a C compiler, a C++ compiler, Python's headers, Python's venv module: "
        "sudo apt-get install build-essential python3-dev python3-venv"
    )


def test_a_compiler_without_its_headers_counts_as_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "cc"
    broken.write_text("#!/bin/sh\necho 'stdlib.h: No such file' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("CC", str(broken))
    assert prerequisites.missing() == {"a C compiler": "build-essential"}


def test_a_compiler_may_be_named_with_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "gcc -pipe")
    assert prerequisites.compiler("CC", "cc") == ["gcc", "-pipe"]
    assert prerequisites.missing() == {}
