"""Our own package for the target: pure Python, and the extension cross-compiled."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from image import build_cache, target
from image.wheels import wheel_files
from tools import native_arm

SOURCES = ("pisovereign/**/*", "native/**/*", "setup.py", "pyproject.toml", "README.md", "LICENSE")
NOT_SOURCES = (".so", ".c", ".pyc")
NOT_OURS = frozenset({"node_modules", "__pycache__"})
WHEEL = "Wheel-Version: 1.0\nGenerator: pisovereign\nRoot-Is-Purelib: false\n"


def sources(root: Path) -> list[Path]:
    """Every file that the wheel is made from."""
    found = {path for pattern in SOURCES for path in root.glob(pattern) if path.is_file()}
    ours = (path for path in found if NOT_OURS.isdisjoint(path.relative_to(root).parts))
    return sorted(path for path in ours if path.suffix not in NOT_SOURCES)


def key(root: Path) -> str:
    """Return what the wheel depends on."""
    how = Path(native_arm.__file__).read_text() + Path(__file__).read_text()
    compiler = ["aarch64-linux-gnu-gcc", "--version"]
    version = subprocess.run(compiler, check=True, capture_output=True, text=True).stdout
    return build_cache.digest(
        build_cache.digest_files(root, sources(root)), how, version, target.ARM.tag
    )


def copy_sources(root: Path, copy: Path) -> Path:
    """Copy every file that the wheel is made from; returns the folder."""
    for path in sources(root):
        place = copy / path.relative_to(root)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, place)
    return copy


def build(root: Path, folder: Path) -> Path:
    """Make the wheel in `folder`."""
    work = folder / "work"
    copy = copy_sources(root, work / "source")
    tree = work / "tree"
    make = ["build_py", f"--build-lib={tree}", "dist_info", f"--output-dir={tree}"]
    subprocess.run(
        [sys.executable, "setup.py", "-q", *make], cwd=copy, check=True, stdout=subprocess.DEVNULL
    )
    native_arm.prepare_debian(build_cache.cache_folder() / "arm64")
    (work / "debian").symlink_to(build_cache.cache_folder() / "arm64" / "debian")
    for library in native_arm.compile_modules(copy, work, Path(sys.executable)):
        strip = ["aarch64-linux-gnu-strip", "--strip-unneeded", str(library)]
        subprocess.run(strip, check=True)
        shutil.copy2(library, tree / "pisovereign_native")
    (info,) = tree.glob("*.dist-info")
    (info / "WHEEL").write_text(WHEEL)
    wheel_files.retag(tree, target.ARM.tag)
    wheel = wheel_files.pack(tree, folder)
    shutil.rmtree(work)
    return wheel


def ensure(root: Path) -> Path:
    """Return the wheel of the sources as they are, made unless it is kept."""
    folder = build_cache.cached(
        "ours", key(root), lambda part: print(build(root, part).name, flush=True)
    )
    return next(folder.glob("*.whl"))
