"""Files that are either whole or absent, whenever the power goes."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pisovereign.files import sync


def sha256_of(path: Path) -> str:
    """Return the hexadecimal sha256 of a file's content, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def move_into_place(part: Path, final: Path) -> None:
    """Rename `part` to `final` after its bytes are on the disk, then make the rename itself last.

    Without the first fsync a power cut can leave a file of the right name that holds zeros.
    """
    sync(part)
    part.replace(final)
    sync(final.parent)
