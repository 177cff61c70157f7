"""The lists of what is installed: complete, of allowed versions, each with its hashes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from image.wheels import lock
from tools import locks, make_locks

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def pins(group: str) -> dict[str, list[Requirement]]:
    """What a list pins, by name: a package may have several lines for several Pythons."""
    found: dict[str, list[Requirement]] = {}
    text = locks.file(ROOT, group).read_text().replace(" \\\n", "")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            requirement = Requirement(line.partition(" --hash")[0].strip())
            assert HASH.findall(line), line
            found.setdefault(lock.normalized(requirement.name), []).append(requirement)
    return found


def wanted(group: str) -> list[Requirement]:
    project = PROJECT["project"]
    extras = [project["optional-dependencies"][name] for name in locks.EXTRAS[group]]
    return [Requirement(line) for lines in (project["dependencies"], *extras) for line in lines]


@pytest.mark.parametrize("group", locks.EXTRAS)
def test_everything_is_locked_in_a_version_that_the_project_allows(group: str) -> None:
    locked = pins(group)
    for requirement in wanted(group):
        name = lock.normalized(requirement.name)
        if name in make_locks.OURS:
            assert name not in locked
            continue
        assert name in locked, "run: python -m tools.make_locks"
        for one in locked[name]:
            (specifier,) = one.specifier
            assert specifier.operator == "=="
            assert requirement.specifier.contains(specifier.version), str(requirement)


def test_what_compiles_is_locked() -> None:
    build = [Requirement(line) for line in PROJECT["build-system"]["requires"]]
    assert {"pip", *(lock.normalized(one.name) for one in build)} <= pins(locks.BUILD).keys()


def test_all_lists_agree_with_each_other_and_with_the_image() -> None:
    everywhere: dict[str, set[str]] = {}
    for group in (locks.BUILD, *locks.EXTRAS):
        for name, found in pins(group).items():
            everywhere.setdefault(name, set()).update(str(one.specifier) for one in found)
    run = pins(locks.RUN)
    assert all(name in pins(locks.TEST) for name in run)
    for name, (version, _) in lock.pins().items():
        assert f"=={version}" in everywhere[name], "run: python -m tools.make_locks"


def test_lists_name_no_place() -> None:
    assert not [path for path in locks.files(ROOT) if "//" in path.read_text()]


def wheel(name: str, number: int) -> dict[str, Any]:
    return {"url": f"files/{name}", "hashes": {"sha256": f"{number:064}"}}


def test_only_files_for_our_machines_count() -> None:
    wheels = [
        wheel("thing-1.0-cp313-cp313-manylinux_2_28_aarch64.whl", 1),
        wheel("thing-1.0-cp311-abi3-manylinux2014_x86_64.manylinux_2_17_x86_64.whl", 2),
        wheel("thing-1.0-cp313-cp313-musllinux_1_2_x86_64.whl", 3),
        wheel("thing-1.0-cp313-cp313-macosx_11_0_arm64.whl", 4),
        wheel("thing-1.0-cp314-cp314-manylinux_2_28_x86_64.whl", 5),
    ]
    assert [
        one["hashes"]["sha256"][-1] for one in make_locks.fitting(wheels, "3.13", "aarch64")
    ] == ["1"]
    assert [
        one["hashes"]["sha256"][-1] for one in make_locks.fitting(wheels, "3.13", "x86_64")
    ] == ["2"]
    package = {"name": "thing", "version": "1.0", "wheels": wheels}
    with pytest.raises(ValueError, match=r"no file for Python 3\.11 on aarch64"):
        make_locks.pin(package)
    from_source = make_locks.pin({**package, "sdist": wheel("thing-1.0.tar.gz", 6)})
    assert from_source is not None
    assert [one[-1] for one in from_source.hashes] == ["1", "2", "6"]


def test_what_no_machine_of_ours_takes_is_left_out() -> None:
    wheels = [wheel("thing-1.0-py3-none-any.whl", 1)]
    package = {"name": "thing", "version": "1.0", "wheels": wheels}
    everywhere = make_locks.pin(package | {"marker": "sys_platform == 'linux'"})
    assert everywhere is not None
    assert everywhere.requirement == "thing==1.0"
    old = make_locks.pin(package | {"marker": "python_full_version < '3.12'"})
    assert old is not None
    assert old.requirement == "thing==1.0 ; python_full_version < '3.12'"
    assert make_locks.pin(package | {"marker": "sys_platform == 'win32'"}) is None
