"""Releases: what a system is, and whether an update is for it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from pisovereign.errors import StartError
from pisovereign.updates.bundle import VERSION, Manifest

# What the firmware says of itself, and what Raspberry Pi calls the board.
_BOARDS = (
    (re.compile(r"raspberrypi,(5|500)\b"), "pi5"),
    (re.compile(r"raspberrypi,(4|400)\b"), "pi4"),
)


class NotForHere(StartError):
    """An update that is for another machine, or not newer than what runs."""


class Release(msgspec.Struct, frozen=True):
    """The system that runs, as its own file says: kind of image, version, and time of its sources.

    `boards` are those that the image is made for.
    """

    product: str
    version: Annotated[str, Meta(pattern=VERSION)]
    built: int
    boards: list[str] = []


def read_release(path: Path) -> Release:
    """Read what an image says of itself.

    Raises:
        StartError: This is no image.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Release)
    except (OSError, msgspec.MsgspecError):
        raise StartError("only the system of a flashed card is updated like this") from None


def board_name(path: Path) -> str | None:
    """Return which board this is; None: none that is known, such as an emulated one."""
    try:
        names = path.read_bytes().replace(b"\0", b" ").decode("ascii", "replace")
    except OSError:
        return None
    return next((name for pattern, name in _BOARDS if pattern.search(names)), None)


def order(version: str, built: int) -> tuple[int, ...]:
    """Return what the newer of two systems has more of."""
    return (*(int(number) for number in version.split(".")), built)


def is_newer(manifest: Manifest, release: Release) -> bool:
    """Return whether an update is newer than what runs."""
    offered, running = (order(it.version, it.built) for it in (manifest, release))
    return offered > running


def require_for_here(manifest: Manifest, release: Release, board: str | None) -> None:
    """Require that an update is for this machine, and newer than what runs on it.

    An older one is refused although it is signed: it may have holes that are closed by now.

    Raises:
        NotForHere: It is not.
    """
    if manifest.product != release.product:
        raise NotForHere(f"it is for {manifest.product}, and this is {release.product}")
    if board is not None and board not in manifest.boards:
        raise NotForHere(f"it is not for this board ({board})")
    if not is_newer(manifest, release):
        raise NotForHere(f"it is not newer than what runs ({release.version})")
