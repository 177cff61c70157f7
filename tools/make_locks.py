"""Make the lists of what `make` installs, with the newest versions that pyproject.toml allows.

    python -m tools.make_locks

A line may have a marker, and has the hashes of all files that a machine of ours takes. All groups
come from one resolution, and what is in the image has its version from there, so that tests run
with what is shipped. Our own package and llama-cpp-python are built where they run, and are in no
list.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from packaging.markers import Marker
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import parse_wheel_filename

from tools.locks import BUILD, EXTRAS, file, folder

PYTHONS = ("3.11", "3.12", "3.13")
MACHINES = ("x86_64", "aarch64")
OURS = ("pisovereign", "llama-cpp-python")
HEAD = """\
# What `make` installs ({group}), for Linux on {machines} and Python {pythons}.
# Made by `python -m tools.make_locks`.
"""
IMAGE = Path("image", "requirements.lock")
_OLDEST_GLIBC, _NEWEST_GLIBC = 5, 41


class Pin(NamedTuple):
    """One package of a list."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]

    @property
    def requirement(self) -> str:
        """Return it without its hashes."""
        marker = f" ; {self.marker}" if self.marker else ""
        return f"{self.name}=={self.version}{marker}"

    @property
    def line(self) -> str:
        """Return it with its hashes, as pip reads it."""
        return self.requirement + "".join(f" \\\n    --hash=sha256:{one}" for one in self.hashes)


def write(root: Path) -> None:
    """Make all lists anew.

    Raises:
        CalledProcessError: uv found no versions that go together.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text())
    build = ["pip", "wheel", *project["build-system"]["requires"]]
    everything = [extra for extras in EXTRAS.values() for extra in extras]
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        tools = work / "build.in"
        tools.write_text("\n".join(build))
        pins = work / "pins.txt"
        shipped = work / "shipped.txt"
        shipped.write_text(shipped_versions(root))
        pinned = resolve(root, [tools, root / "pyproject.toml"], everything, [shipped])
        pins.write_text("".join(f"{one.requirement}\n" for one in pinned))
        folder(root).mkdir(exist_ok=True)
        _write(root, BUILD, resolve(root, [tools], (), [pins]))
        for group, extras in EXTRAS.items():
            _write(root, group, resolve(root, [root / "pyproject.toml"], extras, [pins]))


def shipped_versions(root: Path) -> str:
    """Return the versions in the image, for its Python: an older one may need older packages."""
    lines = (root / IMAGE).read_text().splitlines()
    pins = (line.partition(" --hash")[0] for line in lines if not line.startswith("#"))
    return "".join(f"{pin} ; python_version >= '{PYTHONS[-1]}'\n" for pin in pins)


def resolve(
    root: Path, sources: Sequence[Path], extras: Iterable[str], constraints: Sequence[Path]
) -> list[Pin]:
    """Return what uv finds for every Python and processor.

    Args:
        root: The clone.
        sources: Files that name what is wanted.
        extras: Of the project.
        constraints: Files that say in which versions.
    """
    options = [
        *("--universal", f"--python-version={PYTHONS[0]}", "--generate-hashes", "--no-config"),
        *("--no-header", "--no-annotate", "--format=pylock.toml"),
        *(f"--no-emit-package={name}" for name in OURS),
        *(f"--extra={extra}" for extra in dict.fromkeys(extras)),
        *(f"--constraint={path}" for path in constraints),
    ]
    command = [sys.executable, "-m", "uv", "pip", "compile", *options, *map(str, sources)]
    done = subprocess.run(command, cwd=root, check=True, stdout=subprocess.PIPE, text=True)
    found = [pin(package) for package in tomllib.loads(done.stdout)["packages"]]
    return [one for one in found if one is not None and one.name not in OURS]


def pin(package: Mapping[str, Any]) -> Pin | None:
    """Return a package of uv's lock; None: no machine that the project runs on takes it.

    Raises:
        ValueError: a machine that takes it finds no file.
    """
    text = package.get("marker", "")
    marker = Marker(text) if text else None
    machines = [
        (python, machine)
        for python in PYTHONS
        for machine in MACHINES
        if marker is None or marker.evaluate(environment(python, machine))
    ]
    if not machines:
        return None
    hashes: dict[str, None] = {}
    for python, machine in machines:
        mine = fitting(package.get("wheels", ()), python, machine)
        source = [package["sdist"]] if not mine and "sdist" in package else []
        if not mine and not source:
            raise ValueError(f"{package['name']} has no file for Python {python} on {machine}")
        hashes |= dict.fromkeys(one["hashes"]["sha256"] for one in (*mine, *source))
    everywhere = len(machines) == len(PYTHONS) * len(MACHINES)
    return Pin(
        package["name"],
        package["version"],
        "" if everywhere else text,
        tuple(sorted(hashes)),
    )


def fitting(
    wheels: Iterable[Mapping[str, Any]], python: str, machine: str
) -> list[Mapping[str, Any]]:
    """Return the wheels that a Python on a machine takes."""
    tags = set(tags_of(python, machine))
    names = {one["url"].rpartition("/")[2]: one for one in wheels}
    return [
        one for name, one in names.items() if not tags.isdisjoint(parse_wheel_filename(name)[3])
    ]


def tags_of(python: str, machine: str) -> Iterator[Tag]:
    """Return the tags of wheels that a Python on a machine with glibc takes."""
    minors = range(_NEWEST_GLIBC, _OLDEST_GLIBC - 1, -1)
    old = ("manylinux2014", "manylinux2010", "manylinux1")
    platforms = [f"{name}_{machine}" for name in (*(f"manylinux_2_{n}" for n in minors), *old)]
    platforms.append(f"linux_{machine}")
    version = tuple(map(int, python.split(".")))
    yield from cpython_tags(version, platforms=platforms)
    yield from compatible_tags(version, f"cp{python.replace('.', '')}", platforms)


def environment(python: str, machine: str) -> dict[str, str]:
    """Return what markers are compared with on a machine."""
    return {
        "implementation_name": "cpython",
        "implementation_version": f"{python}.0",
        "os_name": "posix",
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": f"{python}.0",
        "python_version": python,
        "sys_platform": "linux",
    }


def _write(root: Path, group: str, pins: Iterable[Pin]) -> None:
    head = HEAD.format(group=group, machines=" and ".join(MACHINES), pythons=", ".join(PYTHONS))
    file(root, group).write_text(head + "".join(sorted(f"{one.line}\n" for one in pins)))


if __name__ == "__main__":
    write(Path(__file__).resolve().parent.parent)
