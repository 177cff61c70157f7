"""`python -m image check`: what would fail while an image is built, found without building it.

Reads every configuration and writes all that is ours into an empty folder as the build does. What
needs Debian's packages, another processor or the right to mount is not there: `make image-test`.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import yaml

from image import (
    boot_files,
    customize,
    disk,
    install_hook,
    layers,
    manifest,
    packages,
    release_files,
    root_filesystem,
    sbom,
    target,
)
from image.wheels import lock, project_wheel
from pisovereign import __version__
from pisovereign.models.manifest import load_manifest
from tools import install_units

# As Debian's policy says.
_PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]+")
_UNIT = re.compile(r"[\w@.\\:-]+\.(service|socket|timer|mount|target|path)")
_SIZE = re.compile(r"\d+[KMG]")
_EPOCH = int(packages.EPOCH)


def run(root: Path) -> int:
    """Print what is wrong, or what was read of each configuration; 0 if nothing is wrong."""
    found = list(problems(root))
    for problem in found:
        print(problem)
    if not found:
        for name in config_names():
            print(summary(name))
    return 1 if found else 0


def config_names() -> list[str]:
    """Return the names of all configurations."""
    return sorted(path.stem for path in (layers.HERE / "config").glob("*.yaml"))


def problems(root: Path) -> Iterator[str]:
    """Yield a line for each thing that would not do."""
    for name in config_names():
        try:
            config = layers.load_config(name)
            found = layers.load_layers(config)
        except (OSError, ValueError, yaml.YAMLError, msgspec.ValidationError) as error:
            yield f"{name}: {error}"
            continue
        for problem in (*of_layers(found), *of_config(config, found), *of_wheels(found)):
            yield f"{name}: {problem}"
    yield from of_sources(root)


def summary(name: str) -> str:
    """Return how much a configuration asks for."""
    found = layers.load_layers(layers.load_config(name))
    asked = f"{len(found)} layers, {len(packages.names(found))} packages of Debian"
    return f"{name}: {asked}, {len(lock.pins())} wheels: nothing is wrong with what it is made of"


def of_layers(found: list[layers.Layer]) -> Iterator[str]:
    """Yield what is wrong with what layers ask for."""
    for name in packages.names(found):
        if not _PACKAGE.fullmatch(name):
            yield f"Debian has no package with a name like {name!r}"
    units = [layer.units for layer in found]
    enabled = {name for each in units for name in each.enable}
    for name in sorted({name for each in units for name in (*each.disable, *each.mask)} | enabled):
        if not _UNIT.fullmatch(name):
            yield f"{name!r} is no unit"
    for name in sorted(enabled & {name for each in units for name in (*each.disable, *each.mask)}):
        yield f"{name} is enabled by one layer, and disabled or masked by another"
    known = {model.id for model in load_manifest().models}
    for model in sorted({model for layer in found for model in layer.models} - known):
        yield f"the manifest of models has no {model}"


def of_config(config: layers.Config, found: list[layers.Layer]) -> Iterator[str]:
    """Yield what is wrong with a configuration: its machine, its sizes and what boots it."""
    try:
        made_for = layers.machine(found)
        packages.sources(found)
        packages.only(layer.mmdebstrap.variant for layer in found)
        disk.render(disk.LAYOUT.read_text(), config.image, config.image.name, _EPOCH)
    except ValueError as error:
        yield str(error)
        return
    with tempfile.TemporaryDirectory(prefix="pisov-image-") as place:
        release_files.write(Path(place), config, _EPOCH)
    boards = {"pc"} if made_for == target.PC else manifest.DEVICES.keys()
    for board in config.device.boards:
        if board not in boards:
            yield f"there is no board {board}"
    for size in (getattr(config.image, name) for name in layers.Image.__struct_fields__[1:]):
        if not _SIZE.fullmatch(size):
            yield f"{size!r} is no size of a partition"
    boots = [layer.boot for layer in found]
    if sum(bool(boot.kernels) for boot in boots) != 1:
        yield "not exactly one layer has kernels"
    for slot in "ab":
        if f"root=PARTLABEL=system_{slot} " not in boot_files.command_line(slot, boots):
            yield f"the kernel is not told of system {slot}"


def of_wheels(found: list[layers.Layer]) -> Iterator[str]:
    """Yield what is not locked for the machine of an image."""
    try:
        wanted = lock.requirements(layers.machine(found))
    except ValueError:
        return  # told already
    locked = {line.split("==")[0] for line in wanted.splitlines() if line[:1].isalnum()}
    for name in sorted(lock.pins().keys() - locked):
        yield f"{name} is not locked for this machine: python -m tools.make_locks"


def of_sources(root: Path) -> Iterator[str]:
    """Yield what is wrong with what every image is made of, written into an empty folder."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["engine"]]
    names = {lock.normalized(re.split(r"[\[<>=!~ ]", line)[0]) for line in wanted}
    for name in sorted(names - lock.pins().keys() - set(lock.OURS)):
        yield f"{name} is not in {lock.LOCK.name}: python -m image lock"
    for script, place in project["scripts"].items():
        module, _, function = place.partition(":")
        code = root / f"{module.replace('.', '/')}.py"
        if not code.exists() or f"def {function}(" not in code.read_text():
            yield f"{script}: there is no {place}"
    if not project_wheel.sources(root):
        yield "our own wheel would be empty"
    for name in root_filesystem.SOURCES:
        if not (layers.HERE / name).exists():
            yield f"there is no image/{name}"
    if problem := sbom.problem(sbom.release(__version__, _EPOCH)):
        yield f"the list of parts: {problem}"
    with tempfile.TemporaryDirectory(prefix="pisov-image-") as place:
        yield from of_files(Path(place))


def of_files(tree: Path) -> Iterator[str]:
    """Yield what is wrong with our files, written into an empty tree as into an image."""
    try:
        customize.copy_files(tree)
        install_units.install(tree)
    except OSError as error:
        yield str(error)
        return
    for name in install_hook.NAMES:
        if not (tree / name).exists():
            yield f"there is no image/files/{name}"
    yield from of_scripts(tree)
    yield from of_presets(tree)


def of_scripts(tree: Path) -> Iterator[str]:
    """Yield which shell scripts cannot be read, or not be executed."""
    for path in sorted(path for path in tree.rglob("*") if path.is_file()):
        if path.read_bytes()[:9] == b"#!/bin/sh":
            read = subprocess.run(["sh", "-n", path], capture_output=True, text=True, check=False)
            if read.returncode:
                yield f"{path.relative_to(tree)}: {read.stderr.strip()}"
            if not path.stat().st_mode & 0o100:
                yield f"{path.relative_to(tree)} cannot be executed"


def of_presets(tree: Path) -> Iterator[str]:
    """Yield which of our units the preset names and are not there."""
    folder = tree / "usr/lib/systemd/system"
    for preset in (tree / "usr/lib/systemd/system-preset").glob("*.preset"):
        for name in re.findall(r"^(?:enable|disable) (pisovereign\S+)$", preset.read_text(), re.M):
            if "*" not in name and not (folder / name).exists():
                yield f"{preset.name} names {name}, which is not there"
