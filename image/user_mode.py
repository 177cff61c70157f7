"""The kernel of a PC's image: user-mode Linux, as Debian's package brings it.

It is a program, which any machine starts, in a virtual machine too. Debian puts its modules where
no other program looks for them.
"""

from __future__ import annotations

import shutil
from pathlib import Path

MODULES = Path("usr/lib/uml/modules")
PROGRAM = Path("usr/bin/linux.uml")


def install(root: Path) -> None:
    """Put kernel and modules where those of other kernels are, if there are any."""
    for modules in (root / MODULES).glob("*"):
        place = root / "usr/lib/modules" / modules.name
        place.parent.mkdir(exist_ok=True)
        shutil.move(modules, place)
        shutil.copyfile(root / PROGRAM, root / "boot" / f"vmlinuz-{modules.name}")
