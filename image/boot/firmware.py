"""What the firmware of a board does: which system it starts, as `autoboot.txt` says."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

TRIAL = "reboot: Restarting system with command '0 tryboot'"
"""What the kernel says last when it is asked for one start with the other system."""

_BOOT = {2: "boot_a", 3: "boot_b"}
_FILES = ("vmlinuz", "initrd.img", "cmdline.txt")


def chosen(text: str, *, tryboot: bool) -> str:
    """Return the boot partition that the firmware would take, by the text of `autoboot.txt`."""
    section, found = "all", {"all": 0, "tryboot": 0}
    for line in text.splitlines():
        if header := re.fullmatch(r"\[(\w+)\]", line):
            section = header[1]
        elif number := re.fullmatch(r"boot_partition=(\d+)", line):
            found[section] = int(number[1])
    return _BOOT[found["tryboot" if tryboot else "all"]]


def take(head: Path, begins: Mapping[str, int], folder: Path, *, tryboot: bool) -> str:
    """Take from a card what is started; returns from which of the boot partitions.

    Args:
        head: the card's beginning, with the three FAT partitions.
        begins: where each partition begins, in bytes.
        folder: gets kernel, initramfs and the kernel's command line.
        tryboot: whether the firmware was asked for one start with the other system.
    """
    read = ["mtype", "-i", f"{head}@@{begins['bootconfig']}", "::autoboot.txt"]
    text = subprocess.run(read, check=True, capture_output=True, text=True).stdout
    label = chosen(text, tryboot=tryboot)
    for name in _FILES:
        place = folder / name
        place.unlink(missing_ok=True)
        copy = ["mcopy", "-n", "-i", f"{head}@@{begins[label]}", f"::{name}", str(place)]
        subprocess.run(copy, check=True)
    return label
