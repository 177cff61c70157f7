"""Where what takes long to make is kept: outside the clone, under a hash of all it is made from."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from tools.locking import locked


def cache_folder() -> Path:
    """Return the folder of everything kept; each entry may be deleted at any time."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base, "pisovereign", "image")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def digest(*parts: str | bytes) -> str:
    """Return a short hash of several pieces; where one ends and the next begins counts."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "big") + data)
    return total.hexdigest()[:20]


def digest_files(root: Path, files: Iterable[Path]) -> str:
    """Return a short hash of files' names below a folder, and of what is in them."""
    found = sorted(path for path in files if path.is_file())
    return digest(*(part for p in found for part in (str(p.relative_to(root)), p.read_bytes())))


def sha256_of(path: Path) -> str:
    """Return the checksum of one file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def entry(kind: str, key: str) -> Path:
    """Where an entry is, if it is kept."""
    return cache_folder() / f"{kind}-{key}"


def cached(kind: str, key: str, make: Callable[[Path], None]) -> Path:
    """Return the folder `kind-key`; unless it exists, `make` fills a new one that takes its place.

    Of several calls at once one makes it and the others wait. An interrupted one leaves nothing.
    """
    cache, place = cache_folder(), entry(kind, key)
    lock = cache / f".{kind}"
    lock.mkdir(exist_ok=True)
    with locked(lock):
        if not place.is_dir():
            part = cache / f"{kind}.part"
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir()
            make(part)
            part.rename(place)
    return place
