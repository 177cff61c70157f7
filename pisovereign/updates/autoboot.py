"""`autoboot.txt`: which of the two systems the firmware starts, and which it tries when asked to.

The file keeps its length, is shorter than a sector, and lies at the beginning of one: it is written
in place, with one write to one sector, which the card does wholly or not at all. Nothing else of
that partition changes; FAT, which knows no journal, has nothing to lose.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Literal

from pisovereign.errors import StartError

Slot = Literal["a", "b"]
PARTITIONS: dict[Slot, int] = {"a": 2, "b": 3}
"""The number of each boot partition."""

LONGEST = 512
_FORM = re.compile(
    r"\[all\]\r?\ntryboot_a_b=1\r?\nboot_partition=([23])\r?\n"
    r"\[tryboot\]\r?\nboot_partition=([23])\r?\n?\Z"
)


def other(slot: Slot) -> Slot:
    """Return the one that it is not."""
    return "b" if slot == "a" else "a"


def regular_slot(text: str) -> Slot:
    """Return which system starts if nobody asks for the other one.

    Raises:
        StartError: The file is not as we write it; somebody has changed it, and decides by hand.
    """
    found = _FORM.match(text)
    if found is None or found[1] == found[2] or len(text.encode()) >= LONGEST:
        raise StartError(
            "autoboot.txt was changed by hand; which system starts is not for us to say"
        )
    return "a" if int(found[1]) == PARTITIONS["a"] else "b"


def with_regular(text: str, slot: Slot) -> str:
    """Return the file with another regular system; it has the same length.

    Raises:
        StartError: The file is not as we write it.
    """
    if regular_slot(text) == slot:
        return text
    return re.sub(r"(boot_partition=)([23])", lambda m: f"{m[1]}{5 - int(m[2])}", text)


def write_in_place(path: Path, text: str) -> None:
    """Write the file without changing its length, and have it on the card before this returns.

    Raises:
        StartError: It has another length, or cannot be written.
    """
    data = text.encode()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            if os.fstat(descriptor).st_size != len(data) or len(data) >= LONGEST:
                raise StartError(f"{path}: has another length than it should")
            os.pwrite(descriptor, data, 0)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise StartError(f"{path}: {error.strerror}") from None
