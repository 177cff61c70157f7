"""Choosing the interpreter: the running one, another one, or one clear line."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools import pick_python

ROOT = Path(__file__).parents[2]


def fake_python(folder: Path, name: str, version: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {version}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("version", "expected"),
    [((3, 10), False), ((3, 11), True), ((3, 13), True), ((3, 14), False), ((0, 0), False)],
)
def test_the_supported_versions(version: tuple[int, int], expected: bool) -> None:
    assert pick_python.fits(version) is expected


def test_a_version_is_asked_for_and_a_broken_shim_has_none(tmp_path: Path) -> None:
    assert pick_python.version_of(sys.executable) == sys.version_info[:2]
    assert pick_python.version_of(str(fake_python(tmp_path, "python3.12", ""))) == (0, 0)


def test_a_fitting_one_on_the_path_replaces_one_that_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_python(tmp_path, "python3.13", "")  # a pyenv shim without a version behind it
    found = fake_python(tmp_path, "python3.12", "3 12")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.delenv("PYTHON", raising=False)
    monkeypatch.setattr(sys, "version_info", (3, 14, 0))
    assert pick_python.pick() == str(found)
    monkeypatch.setenv("PYTHON", "python3.14")  # asked for: nothing else is taken in its place
    assert pick_python.pick() is None


def test_a_virtual_environment_is_left_for_what_it_was_made_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    base = fake_python(tmp_path / "bin", f"python3.{sys.version_info[1]}", "")
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path))
    assert pick_python.pick() == str(base)


def test_no_fitting_python_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pick_python, "pick", lambda: None)
    with pytest.raises(SystemExit) as refused:
        pick_python.main()
    assert "apt-get install python3 python3-dev python3-venv" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_make_lists_its_commands_and_refuses_others() -> None:
    script = ROOT / "tools" / "pick_python.py"
    helped = subprocess.run(
        [sys.executable, script, "help"], capture_output=True, text=True, cwd="/", check=True
    )
    assert all(f"make {command}" in helped.stdout for command in ("run", "test", "lint", "clean"))
    refused = subprocess.run([sys.executable, script, "fly"], capture_output=True, check=False)
    assert refused.returncode != 0
