"""Which files something covers, and whether they are the same as at another time.

The bootstrap imports this: only the standard library is used.
"""

import hashlib
import subprocess
from collections.abc import Sequence
from pathlib import Path


def digest(root: Path, paths: Sequence[str]) -> str | None:
    """Return a short hash of the names and contents of all files below paths of a clone.

    None: this is no clone, so nobody knows which files are sources.
    """
    listed = sources(root, paths)
    if listed is None:
        return None
    total = hashlib.sha256()
    for name in listed:
        data = (root / name).read_bytes()
        total.update(f"{len(name)} {name} {len(data)} ".encode() + data)
    return total.hexdigest()[:20]


def sources(root: Path, paths: Sequence[str]) -> list[str] | None:
    """Return all files below paths but those that git ignores; None if this is no clone."""
    said = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *paths)
    if said is None:
        return None
    return sorted({name for name in said.split("\0") if name and (root / name).is_file()})


def changed_since(root: Path, commit: str, paths: Sequence[str]) -> list[str] | None:
    """Return which files below paths differ from a commit; None if the clone does not have it."""
    differing = git(root, "diff", "--name-only", "-z", commit, "--", *paths)
    added = git(root, "ls-files", "-z", "--others", "--exclude-standard", "--", *paths)
    if differing is None or added is None:
        return None
    return sorted({name for name in (differing + added).split("\0") if name})


def git(root: Path, *arguments: str) -> str | None:
    """Return what git says of a clone; None if it fails, or is not there."""
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout
