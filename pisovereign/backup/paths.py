"""Where the parts of an installation belong, and whether they can be put there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pisovereign.api_keys import owner_key_file
from pisovereign.backup.contents import CONFIG, MASTER_KEY, OWNER_KEY
from pisovereign.config.loading import config_file
from pisovereign.errors import StartError
from pisovereign.runtime import master_key_file

POSTGRES = "postgres"
PARTS = (MASTER_KEY, OWNER_KEY, CONFIG, POSTGRES)
"""What an installation is made of; models and what can be computed again are not."""


def places(data_dir: Path, environ: Mapping[str, str] = os.environ) -> dict[str, Path]:
    """Where each part belongs: in the data folder, but for what the environment says."""
    environ = {**environ, "PISOVEREIGN_DATA_DIR": str(data_dir)}
    return {
        MASTER_KEY: master_key_file(data_dir, environ),
        OWNER_KEY: owner_key_file(data_dir),
        CONFIG: config_file(environ),
        POSTGRES: data_dir / POSTGRES,
    }


def occupied(where: Mapping[str, Path], leave: list[str]) -> list[Path]:
    """Parts of an installation that are there already."""
    return [place for name, place in where.items() if name not in leave and _is_there(place)]


def check_writable(where: Mapping[str, Path], leave: list[str], data_dir: Path) -> None:
    """See to it that what belongs outside of the data folder can be put there.

    After the decision it would be too late: half of the parts would be in their places.

    Raises:
        StartError: a folder is missing, or refuses what is to come.
    """
    for name, place in where.items():
        folder = place.parent
        if name in leave or folder == data_dir:
            continue
        if not folder.is_dir():
            raise StartError(f"{place}: there is no folder {folder}; nothing was changed")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise StartError(f"{place}: {folder} cannot be written to; nothing was changed")
        if place.exists() and not (place.is_file() and os.access(place, os.R_OK)):
            raise StartError(f"{place}: what is there cannot be kept; nothing was changed")


def _is_there(place: Path) -> bool:
    """An empty `postgres`, as a start that failed leaves it, is nothing to keep."""
    if place.is_dir():
        return (place / "cluster").exists() or (place / "location").exists()
    return place.exists()
