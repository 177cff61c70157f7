"""Whether the boot test has passed here since anything that makes the image changed.

The program itself has the rest of the suite; this hangs on `image/` and `systemd/` alone.
"""

from __future__ import annotations

from pathlib import Path

from image import store


def note(root: Path, name: str) -> None:
    """Remember that the image of a configuration passed."""
    _place(root, name).touch()


def is_noted(root: Path, name: str) -> bool:
    """Whether it did, with these very files."""
    return _place(root, name).exists()


def _place(root: Path, name: str) -> Path:
    found = [path for folder in ("image", "systemd") for path in (root / folder).rglob("*")]
    files = [path for path in found if path.suffix != ".pyc"]
    return store.place_of(f"passed-{name}", store.digest_files(root, files))
