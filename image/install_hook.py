"""Files that packages look at while they are installed; mmdebstrap calls this as its hook."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

FILES = Path(__file__).parent / "files"
NAMES = ("etc/postgresql-common/createcluster.conf", "etc/initramfs-tools/initramfs.conf")


def main() -> None:
    """Put them into the folder that is named, and let no initramfs be made before the end."""
    root = Path(sys.argv[1])
    for name in NAMES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(FILES / name, root / name)
    (root / "etc/initramfs-tools/update-initramfs.conf").write_text("update_initramfs=no\n")


if __name__ == "__main__":
    main()
