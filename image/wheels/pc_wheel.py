"""Our own package for a PC, compiled by this machine with the Python of the image's release."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from image import build_cache, required_programs, target
from image.wheels import project_wheel
from tools.locks import BUILD, file


def key(root: Path) -> str:
    """Return what the wheel depends on."""
    how = Path(__file__).read_text() + file(root, BUILD).read_text()
    sources = build_cache.digest_files(root, project_wheel.sources(root))
    return build_cache.digest(sources, how, target.PC.tag)


def build(root: Path, folder: Path) -> None:
    """Make the wheel in `folder`."""
    required_programs.require(required_programs.PC)
    copy = project_wheel.copy_sources(root, folder / "source")
    chosen = [f"--python=/usr/bin/python{target.PYTHON}", f"--out-dir={folder}"]
    locked = [f"--build-constraints={file(root, BUILD)}", "--require-hashes"]
    command = [sys.executable, "-m", "uv", "build", "--quiet", "--no-config", "--wheel"]
    subprocess.run([*command, *chosen, *locked, str(copy)], check=True)
    shutil.rmtree(copy)


def ensure(root: Path) -> Path:
    """Return the wheel of the sources as they are, made unless it is kept."""
    folder = build_cache.cached("ours-pc", key(root), lambda part: build(root, part))
    return next(folder.glob("*.whl"))
