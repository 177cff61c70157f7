"""Whether the boot test has passed here since anything that makes the image changed.

The program itself has the rest of the suite; this hangs on what puts it onto a card.
"""

from __future__ import annotations

from pathlib import Path

from image import build_cache

ALONE = ("pyproject.toml", "tools/install_units.py", "tools/llama_wheel.py", "tools/native_arm.py")


def place(root: Path, name: str) -> Path:
    """Return the file that exists if the image of a configuration passed with these files."""
    found = [path for folder in ("image", "systemd") for path in (root / folder).rglob("*")]
    files = [path for path in found if path.suffix != ".pyc"] + [root / name for name in ALONE]
    return build_cache.entry(f"passed-{name}", build_cache.digest_files(root, files))
