"""The first half of the root filesystem: Debian's packages, installed by mmdebstrap.

This takes most of the time, and depends on nothing but the lists of packages and the archives.
"""

from __future__ import annotations

import os
import platform
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from image import binfmt, build_cache, install_hook, layers, required_programs

EPOCH = "1764028800"
"""The time of whatever installing packages writes down; any would do, as long as it is the same."""

DPKG_OPTIONS = (
    "force-unsafe-io",
    "force-confold",
    "path-exclude=/usr/share/man/*",
    "path-exclude=/usr/share/locale/*",
    "path-exclude=/usr/share/info/*",
    "path-exclude=/usr/share/doc/*",
    "path-include=/usr/share/doc/*/copyright",
)
NEEDED = 8_000_000_000
"""How many bytes of memory have to be free for building in it."""

DEBIAN_KEY = "/usr/share/keyrings/debian-archive-keyring.pgp"
ARCHIVES = {
    "http://deb.debian.org/debian": "{0} {0}-updates",
    "http://deb.debian.org/debian-security": "{0}-security",
}


def sources(found: list[layers.Layer]) -> str:
    """Return the archives, as deb822 text: Debian's, and those that layers add."""
    components = " ".join(c for layer in found for c in layer.mmdebstrap.components)
    suite = only(layer.mmdebstrap.suite for layer in found)
    entries = [(uri, s.format(suite), components, DEBIAN_KEY) for uri, s in ARCHIVES.items()]
    for mirror in (mirror for layer in found for mirror in layer.mmdebstrap.mirrors):
        words = (" ".join(mirror.suites), " ".join(mirror.components))
        entries.append((mirror.uri, *words, mirror.signed_by))
    form = "Types: deb\nURIs: {}\nSuites: {}\nComponents: {}\nSigned-By: {}\n"
    return "\n".join(form.format(*entry) for entry in entries)


def names(found: list[layers.Layer]) -> list[str]:
    """Every package that a layer asks for."""
    return sorted({package for layer in found for package in layer.mmdebstrap.packages})


def only(values: object) -> str:
    """Return the one value that is not empty."""
    (value,) = {value for value in values if value}  # type: ignore[attr-defined]
    return str(value)


def build(found: list[layers.Layer], folder: Path) -> None:
    """Make `packages.tar` in a folder."""
    required_programs.require(required_programs.BUILD)
    made_for = layers.machine(found)
    if made_for.machine != platform.machine():
        binfmt.register()
    archives = folder / "archives.sources"
    archives.write_text(sources(found))
    hook = shlex.join([sys.executable, "-m", "image.install_hook"])
    # In namespaces of its own: what it started and mounted is gone with it, however it ends.
    inside = ["unshare", "--mount", "--pid", "--mount-proc", "--fork", "--kill-child"]
    command = [
        "mmdebstrap",
        f"--variant={only(layer.mmdebstrap.variant for layer in found)}",
        *(f"--architectures={made_for.architecture}", "--mode=root", "--format=tar"),
        *(f"--dpkgopt={option}" for option in DPKG_OPTIONS),
        f"--include={','.join(names(found))}",
        f'--essential-hook={hook} "$1"',
        only(layer.mmdebstrap.suite for layer in found),
        *(str(folder / "packages.tar"), str(archives)),
    ]
    with tempfile.TemporaryDirectory(dir=fast_folder(), prefix="packages-") as place:
        environment = os.environ | {
            "SOURCE_DATE_EPOCH": EPOCH,
            "PYTHONPATH": str(layers.HERE.parent),
            "TMPDIR": place,
            # The kernel's package would make an initramfs before our settings for it are there.
            "INITRD": "No",
        }
        subprocess.run([*inside, *command], check=True, env=environment)


def fast_folder(needed: int = NEEDED, otherwise: Path | None = None) -> Path:
    """Return where so many bytes go: into memory, if there is room, or into a folder."""
    memory = Path("/dev/shm")
    if memory.is_dir():
        room = os.statvfs(memory)
        # It may be as large as all of the memory, whatever others have taken of that.
        if min(room.f_bavail * room.f_frsize, available_memory()) > needed:
            return memory
    return otherwise or Path(tempfile.gettempdir())


def available_memory(meminfo: Path = Path("/proc/meminfo")) -> int:
    """Return how many bytes programs can still take without swapping."""
    lines = meminfo.read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))


def key(found: list[layers.Layer]) -> str:
    """Return what the archive depends on."""
    how = (
        Path(__file__),
        Path(install_hook.__file__),
        *(install_hook.FILES / name for name in install_hook.NAMES),
    )
    return build_cache.digest(
        sources(found),
        layers.machine(found).architecture,
        *names(found),
        *(path.read_text() for path in how),
    )


def ensure(found: list[layers.Layer]) -> Path:
    """Return the archive, made unless it is kept; delete the kept one to take newer packages."""
    return (
        build_cache.cached("packages", key(found), lambda part: build(found, part)) / "packages.tar"
    )
