"""Which packages go into the image, by version and hash: `requirements.lock`.

Everything but our own two wheels comes from the package index, as wheels for the target. The file
is made with uv, which knows what another Python on another machine needs, and then reduced to the
one file of each package that the target takes.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from image import build_cache, target
from tools.locks import RUN, file

LOCK = Path(__file__).parents[1] / "requirements.lock"
MADE = file(Path(__file__).parents[2], RUN)
_MARKER = re.compile(r" ;[^\\]*")
OURS = ("pisovereign", "llama-cpp-python")
HEAD = """\
# Wheels of the image, for aarch64 and Python {python}; made by `python -m image lock`.
# Our own package and llama-cpp-python are built here: `make wheels`.
"""
_LINE = re.compile(
    r"^(?P<name>[a-z0-9.-]+)==(?P<version>\S+) --hash=sha256:(?P<hash>[0-9a-f]{64})$"
)


def pins() -> dict[str, tuple[str, str]]:
    """Version and checksum of each package in the lock file, by its normalized name."""
    lines = LOCK.read_text().splitlines()
    found = [_LINE.match(line) for line in lines if not line.startswith("#")]
    return {line["name"]: (line["version"], line["hash"]) for line in found if line}


def normalized(name: str) -> str:
    """Return a distribution's name, written the one way."""
    return re.sub(r"[-_.]+", "-", name).lower()


def resolve(root: Path) -> str:
    """Return what uv finds for the target, with the hashes of every file there is."""
    options = [
        *("--extra=engine", "--generate-hashes", "--no-header", "--no-annotate", "--quiet"),
        *("--no-emit-index-url", "--no-config", "--no-emit-package=llama-cpp-python"),
        f"--python-version={target.PYTHON}",
        "--python-platform=aarch64-manylinux_2_28",
    ]
    command = [sys.executable, "-m", "uv", "pip", "compile", *options, "pyproject.toml"]
    done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    return done.stdout


def write(root: Path) -> None:
    """Make the lock file anew, with the newest versions that pyproject.toml allows."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wanted = folder / "all.txt"
        wanted.write_text(resolve(root))
        fetch(wanted, folder / "wheels", target.ARM)
        wheels = sorted((folder / "wheels").glob("*.whl"), key=lambda path: path.name.lower())
        lines = [_line(wheel) for wheel in wheels]
    LOCK.write_text(HEAD.format(python=target.PYTHON) + "".join(sorted(lines)))


def fetch(requirements: Path, folder: Path, made_for: target.Target) -> None:
    """Fetch the wheels of a file with hashes, those for the target and no others."""
    options = [
        *made_for.pip_options(),
        "--no-deps",
        "--require-hashes",
        f"--dest={folder}",
        "--quiet",
    ]
    command = [sys.executable, "-m", "pip", "download", *options, f"--requirement={requirements}"]
    subprocess.run(command, check=True)


def requirements(made_for: target.Target) -> str:
    """Return what is fetched, as pip reads it: the same versions for every machine.

    Of a PC's files the list of what `make` installs has the hashes.
    """
    if made_for == target.ARM:
        return LOCK.read_text()
    text = MADE.read_text()
    lines = (line for line in text.splitlines(keepends=True) if not line.startswith("#"))
    entries = re.split(r"(?<!\\)\n(?=\S)", "".join(lines))
    wanted = {f"{name}=={version}" for name, (version, _) in pins().items()}
    # Which Python it is for is decided already; pip would ask the one that it runs in.
    mine = (entry for entry in entries if entry.split()[0] in wanted)
    return "".join(_MARKER.sub(" ", entry, count=1) + "\n" for entry in mine)


def ensure(made_for: target.Target) -> Path:
    """Return the folder of the locked wheels, fetched unless it is kept."""
    wanted = requirements(made_for)

    def make(part: Path) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write(wanted)
            file.flush()
            fetch(Path(file.name), part, made_for)

    return build_cache.cached("locked", build_cache.digest(made_for.machine, wanted), make)


def _line(wheel: Path) -> str:
    name, version, *_ = wheel.name.split("-")
    return f"{normalized(name)}=={version} --hash=sha256:{build_cache.sha256_of(wheel)}\n"
