"""What an image says of itself, and which keys its updates are signed with."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from image import layers
from pisovereign import __version__

PLACE = Path("usr/lib/pisovereign")
KEYS = layers.HERE / "update_keys"


def write(root: Path, config: layers.Config, epoch: int) -> None:
    """Write both into a root filesystem.

    Args:
        root: of the filesystem.
        config: of the image.
        epoch: the time of the sources, in seconds since the epoch.
    """
    folder = root / PLACE / "update-keys"
    folder.mkdir(parents=True, exist_ok=True)
    for key in sorted(KEYS.glob("*.pub")):
        shutil.copyfile(key, folder / key.name)
        (folder / key.name).chmod(0o644)
    said = {
        "product": config.image.name,
        "version": __version__,
        "built": epoch,
        "boards": config.device.boards,
    }
    place = root / PLACE / "release.json"
    place.write_text(f"{json.dumps(said)}\n")
    place.chmod(0o644)
