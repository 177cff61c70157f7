"""Wheels that are made of a folder, the same bytes each time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

EPOCH = "1577836800"  # zip files cannot hold a date before 1980; which one it is says nothing


def pack(tree: Path, folder: Path) -> Path:
    """Make the wheel of an unpacked one in `folder`; its name follows from its metadata."""
    before = set(folder.glob("*.whl"))
    environment = os.environ | {"SOURCE_DATE_EPOCH": EPOCH}
    command = [sys.executable, "-m", "wheel", "pack", str(tree), "--dest-dir", str(folder)]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    (wheel,) = set(folder.glob("*.whl")) - before
    return wheel


def unpack(wheel: Path, folder: Path) -> Path:
    """Unpack a wheel below `folder`; returns the folder that `pack` takes."""
    command = [sys.executable, "-m", "wheel", "unpack", str(wheel), "--dest", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (tree,) = (path for path in folder.iterdir() if path.is_dir())
    return tree


def retag(tree: Path, tag: str) -> None:
    """Say in the metadata which machines it is for."""
    (file,) = tree.glob("*.dist-info/WHEEL")
    kept = [line for line in file.read_text().splitlines() if not line.startswith("Tag:")]
    file.write_text("\n".join([*filter(None, kept), f"Tag: {tag}", ""]))
