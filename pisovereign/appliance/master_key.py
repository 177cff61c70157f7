"""The sealing key of a device."""

from __future__ import annotations

from pathlib import Path

from pisovereign.errors import StartError
from pisovereign.storage.sealing import load_or_create_key


def ensure_master_key(path: Path, cluster: Path) -> None:
    """Make the key at the first boot; if this is killed, the next call completes it.

    Raises:
        StartError: there is a cluster, whose key is lost, or the key cannot be used.
    """
    for unfinished in path.parent.glob(f".{path.name}.*"):
        unfinished.unlink()
    if not path.exists() and cluster.exists():
        raise StartError(
            f"the key file {path} is missing, and what is stored in {cluster} cannot be read"
            " without it; restore it from a backup"
        )
    load_or_create_key(path)
