"""What `make` installs: every package by version and hash, in `tools/locks`.

One list for each group serves every Python and both processors. `tools/make_locks.py` makes them;
this module is also used before anything is installed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

BUILD = "build"
"""What installs and compiles the rest."""
RUN, TEST, WEB = "run", "test", "web"
EXTRAS: Mapping[str, Sequence[str]] = {
    RUN: ("engine", "embedded", "prepare"),
    TEST: ("engine", "embedded", "prepare", "image", "test", "docs", "bench"),
    WEB: ("web",),
}
"""The extras of the project that each group consists of."""


def folder(root: Path) -> Path:
    """Return where the lists are."""
    return root / "tools" / "locks"


def file(root: Path, group: str) -> Path:
    """Return the list of a group."""
    return folder(root) / f"{group}.txt"


def files(root: Path) -> list[Path]:
    """Return all lists."""
    return sorted(folder(root).glob("*.txt"))


def needed(groups: set[str]) -> list[str]:
    """Return the groups to install; what tests need includes what the program does."""
    return sorted(groups - {RUN}) if TEST in groups else sorted(groups | {RUN})
