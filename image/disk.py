"""The disk image: genimage with the partitions of `layout/ab.cfg.in`. No loop device, no mount."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import uuid
from datetime import UTC, datetime
from pathlib import Path

from image import layers

LAYOUT = layers.HERE / "layout" / "ab.cfg.in"
PARTITIONS = ("bootconfig", "boot_a", "boot_b", "system_a", "system_b", "persistent")
NAMESPACE = uuid.UUID("6f1de8f2-6c0a-4b1e-9a4e-2f5d1f0d7c11")


def render(text: str, image: layers.Image, name: str, epoch: int) -> str:
    """Return the layout with all its placeholders filled in; ids follow from the name.

    Raises:
        ValueError: a placeholder is unknown.
    """
    names = ("disk", *PARTITIONS)
    ids = {f"{part.upper()}_UUID": str(uuid.uuid5(NAMESPACE, f"{name}/{part}")) for part in names}
    values = {
        **ids,
        "NAME": name,
        "BOOTCONFIG_ID": ids["BOOTCONFIG_UUID"][:8],
        "BOOT_ID": ids["BOOT_A_UUID"][:8],
        "FS_TIMESTAMP": datetime.fromtimestamp(epoch, UTC).strftime("%Y%m%d%H%M%S"),
        "BOOT_PART_SIZE": image.boot_part_size,
        "SYSTEM_PART_SIZE": image.system_part_size,
        "PERSISTENT_PART_SIZE": image.persistent_part_size,
    }
    unknown = set(re.findall(r"<([A-Z_]+)>", text)) - values.keys()
    if unknown:
        raise ValueError(f"{LAYOUT.name}: unknown {', '.join(sorted(unknown))}")
    return re.sub(r"<([A-Z_]+)>", lambda found: values[found[1]], text)


def build(tree: Path, config: str, output: Path, epoch: int, scratch: Path) -> None:
    """Write the image of a root filesystem into a folder.

    Args:
        tree: the unpacked filesystem, with what belongs to other partitions at its mount points.
        config: a rendered layout.
        output: the folder of the result.
        epoch: the time that everything gets.
        scratch: where genimage copies the tree to.
    """
    with tempfile.TemporaryDirectory(dir=scratch, prefix="genimage-") as name:
        folder = Path(name)
        (folder / "input").mkdir()
        (folder / "genimage.cfg").write_text(config)
        command = [
            "genimage",
            f"--rootpath={tree}",
            f"--tmppath={folder / 'tmp'}",
            f"--inputpath={folder / 'input'}",
            f"--outputpath={folder / 'output'}",
            f"--config={folder / 'genimage.cfg'}",
        ]
        environment = os.environ | {"SOURCE_DATE_EPOCH": str(epoch), "TZ": "UTC"}
        subprocess.run(command, check=True, env=environment, cwd=folder)
        for image in (folder / "output").glob("*.img"):
            copy = ["cp", "--sparse=always", str(image), str(output / image.name)]
            subprocess.run(copy, check=True)
