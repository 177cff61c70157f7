"""Wheels for another machine: what is locked, what is built, and that it is the same each time."""

import re
import tomllib
from pathlib import Path

import pytest

from image.wheels import llama, lock, project_wheel, wheel_files

ROOT = Path(__file__).parents[2]


def wanted() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["engine"]]
    return {lock.normalized(re.split(r"[\[<>=!~ ]", line)[0]) for line in lines}


def test_every_file_that_the_program_reads_is_in_its_wheel() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    package = ROOT / "pisovereign"
    packed = {
        path
        for pattern in settings["package-data"]["pisovereign"]
        for path in package.glob(pattern)
    }
    # The page's own sources are not; what is built of them is.
    read = {
        path
        for path in package.rglob("*")
        if path.is_file()
        and path.suffix not in {".py", ".pyc"}
        and path.relative_to(package).parts[0] != "web"
        and path.name != "README.md"
    }
    assert not {str(path.relative_to(ROOT)) for path in read - packed}


def test_everything_that_the_program_needs_is_locked() -> None:
    pins = lock.pins()
    assert wanted() - pins.keys() == {"llama-cpp-python"}, "run: python -m image lock"


def test_locked_versions_are_ones_that_the_project_allows() -> None:
    from packaging.requirements import Requirement

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pins = lock.pins()
    for line in [*project["dependencies"], *project["optional-dependencies"]["engine"]]:
        requirement = Requirement(line)
        name = lock.normalized(requirement.name)
        if name not in lock.OURS:
            assert requirement.specifier.contains(pins[name][0]), line


def test_each_line_has_one_hash_and_nothing_else() -> None:
    lines = [line for line in lock.LOCK.read_text().splitlines() if not line.startswith("#")]
    assert len(lines) == len(lock.pins())
    assert "//" not in lock.LOCK.read_text()


def test_only_the_variants_of_raspberry_pis_are_built() -> None:
    names = (*llama.VARIANTS, "armv8.2_3", "armv9.2_1")
    line = "            ggml_add_cpu_backend_variant({}    DOTPROD)\n"
    text = "".join(line.format(name) for name in names)
    android = "            ggml_add_cpu_backend_variant(android_armv8.2_1 DOTPROD)\n"
    kept = llama.choose_variants(text + android)
    assert re.findall(r"\((\S+)", kept) == [*llama.VARIANTS, "android_armv8.2_1"]
    with pytest.raises(ValueError, match=r"no variant armv8\.2_2"):
        llama.choose_variants(text.replace("armv8.2_2", "armv8.2_9"))


def test_the_sources_of_our_wheel_hold_nothing_that_was_built() -> None:
    found = project_wheel.sources(ROOT)
    assert {path.suffix for path in found}.isdisjoint({".so", ".c", ".pyc"})
    names = {str(path.relative_to(ROOT)) for path in found}
    assert {"setup.py", "pisovereign/app.py", "native/pisovereign_native/vectors.pyx"} <= names
    assert not [name for name in names if "/node_modules/" in name], "packages of the page's tools"
    every = {str(path.relative_to(ROOT)) for path in ROOT.glob("pisovereign/**/*.html")}
    pages = {name for name in every if "/node_modules/" not in name}
    assert pages
    assert pages <= names, "the program does not start without its pages"


def test_a_wheel_of_the_same_files_has_the_same_bytes(tmp_path: Path) -> None:
    made = []
    for number in (1, 2):
        tree = tmp_path / str(number) / "thing-1.0"
        info = tree / "thing-1.0.dist-info"
        info.mkdir(parents=True)
        (tree / "thing.py").write_text("print()\n")
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n")
        (info / "WHEEL").write_text(project_wheel.WHEEL + "Tag: py3-none-any\n")
        wheel_files.retag(tree, llama.TAG)
        made.append(wheel_files.pack(tree, tmp_path / str(number)))
    assert made[0].name == "thing-1.0-py3-none-linux_aarch64.whl"
    assert made[0].read_bytes() == made[1].read_bytes()
