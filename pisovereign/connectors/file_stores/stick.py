"""A memory stick as a place that keeps files: found by its label or UUID, used where it is mounted.

Nothing is mounted here, which needs root: the desktop does, or on the flashed image a rule of udev.
"""

from __future__ import annotations

import re
from pathlib import Path

from pisovereign.errors import UpstreamError

DEVICES = Path("/dev/disk")
MOUNTS = Path("/proc/self/mountinfo")
_ESCAPED = re.compile(r"\\([0-7]{3})")
_PLAIN = re.compile(r"[A-Za-z0-9#+\-.:=@_/]|[^\x00-\x7f]")


def locate_stick(name: str, folder: str, devices: Path = DEVICES, mounts: Path = MOUNTS) -> Path:
    """Return the folder on a stick, which is made where it is lacking.

    Args:
        name: The label or the UUID of its file system.
        folder: The folder on it; empty: its root.
        devices: Where links to devices are, as udev makes them.
        mounts: What is mounted where, as the kernel tells it.

    Raises:
        UpstreamError: It is not plugged in, not mounted, or cannot be written to.
    """
    device = _device(name, devices)
    if device is None:
        raise UpstreamError(f"There is no stick with the label or UUID {name}; is it plugged in?")
    place = _mounted_at(device, mounts)
    if place is None:
        raise UpstreamError(f"The stick {name} is plugged in, and not mounted")
    target = place / folder if folder else place
    try:
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UpstreamError(f"{target} cannot be made: {error.strerror}") from None
    if target.resolve().stat().st_dev != place.stat().st_dev:
        raise UpstreamError(f"{target} leads to another disk")
    return target


def _device(name: str, devices: Path) -> Path | None:
    for kind in ("by-label", "by-uuid"):
        link = devices / kind / _as_udev_writes(name)
        if link.is_symlink():
            return link.resolve()
    return None


def _as_udev_writes(name: str) -> str:
    """Return how a label stands in the name of a link: unusual characters as numbers."""
    return "".join(
        each if _PLAIN.fullmatch(each) and each != "/" else f"\\x{ord(each):02x}" for each in name
    )


def _mounted_at(device: Path, mounts: Path) -> Path | None:
    """Return where a device is mounted whole, and may be written to."""
    for line in mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        before, _, after = line.partition(" - ")
        fields, further = before.split(" "), after.split(" ")
        if len(fields) < 6 or len(further) < 2:
            continue
        root, place, options = fields[3], fields[4], fields[5].split(",")
        source = Path(_unescaped(further[1]))
        if root == "/" and "rw" in options and source.is_absolute() and source.resolve() == device:
            return Path(_unescaped(place))
    return None


def _unescaped(text: str) -> str:
    """Return a path of `mountinfo` as it is: there, blanks are octal numbers."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 8)), text)
