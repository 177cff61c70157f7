"""The root filesystem of the image, where it is kept: what can be seen without booting it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from image import binfmt, packages, required_programs, root_filesystem

ROOT = Path(__file__).parents[2]
PROGRAMS = sorted(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"])


@pytest.fixture(scope="module")
def root() -> Iterator[Path]:
    if os.geteuid():
        pytest.skip("only root can unpack a root filesystem")
    if lacking := [name for name in required_programs.WHEELS if not shutil.which(name)]:
        pytest.skip(f"there is no {', '.join(lacking)}")
    archive = root_filesystem.find(ROOT, "debian")
    if archive is None:
        pytest.skip("no root filesystem of these sources is kept: make image")
    binfmt.register()
    with tempfile.TemporaryDirectory(dir=packages.fast_folder(), prefix="root-") as place:
        root_filesystem.unpack(archive, Path(place))
        yield Path(place)


def inside(root: Path, *command: str) -> str:
    """What a program of the image prints, emulated, in namespaces that end with it."""
    alone = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--net"]
    there = [f"--root={root}", "--mount-proc=/proc"]
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [*alone, *there, *command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_program_starts(root: Path, program: str) -> None:
    assert inside(root, f"/opt/pisovereign/bin/{program}", "--help").startswith("usage:")


def test_api_and_engine_can_be_loaded(root: Path) -> None:
    code = (
        "import pisovereign.app, pisovereign.engine.main, llama_cpp, onnxruntime\n"
        "from pisovereign.engine.llama_library import load_backends\n"
        "print(load_backends())"
    )
    said = inside(root, "/opt/pisovereign/bin/python3", "-B", "-c", code)
    assert "libggml-cpu-armv8" in said


def test_our_units_are_enabled_and_the_first_screen_has_no_login(root: Path) -> None:
    wanted = root / "etc/systemd/system"
    enabled = {path.name for path in wanted.glob("*.wants/*")}
    preset = (root / "usr/lib/systemd/system-preset/50-pisovereign.preset").read_text()
    assert set(re.findall(r"^enable (pisovereign\S+)$", preset, re.MULTILINE)) <= enabled
    assert enabled.isdisjoint({"getty@tty1.service", "ssh.service", "ssh.socket"})
    assert "nftables.service" in enabled


def test_units_name_programs_that_are_there(root: Path) -> None:
    for unit in (root / "usr/lib/systemd/system").glob("pisovereign*.service"):
        for program in re.findall(r"^Exec\w+=[-+!:@]*(\S+)", unit.read_text(), re.MULTILINE):
            assert (root / program.removeprefix("/")).is_file(), f"{unit.name}: {program}"


def test_nothing_tells_where_it_was_built(root: Path) -> None:
    assert not list(root.glob("opt/**/direct_url.json"))
    for library in root.glob("opt/**/pisovereign_native/*.so"):
        # The folder that our wheel is compiled in.
        assert b"ours.part" not in library.read_bytes()
    times = {path.stat().st_mtime for path in root.glob("etc/systemd/**/50-pisovereign.conf")}
    assert len(times) == 1


def test_nothing_secret_is_inside(root: Path) -> None:
    assert (root / "etc/machine-id").read_bytes() == b""
    assert not list(root.glob("etc/ssh/ssh_host_*"))
    assert not list(root.glob("root/.ssh/*"))
    for line in (root / "etc/shadow").read_text().splitlines():
        assert line.split(":")[1].startswith(("!", "*")), line.split(":")[0]
    assert not list(root.glob("data/pisovereign/*"))
