"""`python -m image bundle`: an update of cards that are flashed already, from the built image.

The same image and the same notes give the same list and the same pieces, and one key always signs
a list alike.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

import msgspec

from image import build, layers, required_programs, root_filesystem
from pisovereign import __version__
from pisovereign.updates import bundle
from tools.problem import Problem

PIECE = 1024 * 1024
NAMES: tuple[Literal["boot"], Literal["system"]] = ("boot", "system")
# Named once on the boot partition, in cmdline.txt; on the system partition nothing depends on it.
SLOT = b"root=PARTLABEL=system_a"
Sign = Callable[[Path], str]
Pack = Callable[[bytes], bytes]


class Place(NamedTuple):
    """Where a partition is in an image, in bytes."""

    begin: int
    size: int


class About(NamedTuple):
    """What an update is, beside its parts."""

    product: str
    boards: list[str]
    version: str
    built: int
    urgency: Literal["security", "usual"]
    notes: str


def run(root: Path, name: str, secret: Path, notes: Path | None, *, security: bool) -> None:
    """Make the update and its notice beside the image, in `build/image`.

    Raises:
        Problem: The version or the key cannot be used.
    """
    required_programs.require(required_programs.SIGN)
    image = build.ensure(root, name)
    text = notes.read_text() if notes else ""
    about = describe(root, name, "security" if security else "usual", text)
    output = root / "build" / "image"
    output.mkdir(parents=True, exist_ok=True)
    found = find_partitions(image)
    made = make(image, found, about, output, sign=lambda listed: minisign(listed, secret, about))
    for path in made:
        print(f"{path.stat().st_size / 1e6:>10,.1f} MB  {path}")


def describe(root: Path, name: str, urgency: Literal["security", "usual"], notes: str) -> About:
    """Return what an update with the built image is."""
    config = layers.load_config(name)
    built = int((root_filesystem.ensure(root, name).parent / "epoch").read_text())
    return About(config.image.name, config.device.boards, __version__, built, urgency, notes)


def make(
    image: Path,
    places: Mapping[str, Place],
    about: About,
    output: Path,
    *,
    sign: Sign,
    pack: Pack = bundle.pack,
    piece: int = PIECE,
) -> tuple[Path, Path]:
    """Write the update of an image, and its notice, into a folder; returns both paths.

    Args:
        image: a disk image.
        places: where its partitions are, by label.
        about: what is told of it.
        output: the folder.
        sign: returns minisign's signature of a file.
        pack: packs a piece.
        piece: how many bytes are packed together.
    """
    name = f"{about.product}-{about.version}-{about.built}.update"
    with tempfile.TemporaryDirectory(dir=output, prefix=".bundle-") as scratch:
        pieces = Path(scratch) / "pieces"
        with pieces.open("wb") as target:
            parts = [
                _part(image, part, places[f"{part}_a"], target, pack=pack, piece=piece)
                for part in NAMES
            ]
        manifest = bundle.Manifest(
            product=about.product,
            boards=about.boards,
            version=about.version,
            built=about.built,
            urgency=about.urgency,
            notes=about.notes,
            file=name,
            parts=parts,
        )
        listed = msgspec.json.encode(manifest)
        # What is too long, or of another form, is noticed here and not on somebody's card.
        msgspec.json.decode(listed, type=bundle.Manifest)
        (Path(scratch) / "list").write_bytes(listed)
        notice = bundle.notice(listed, sign(Path(scratch) / "list"))
        place, beside = output / name, output / f"{about.product}.notice"
        beside.write_bytes(notice)
        with place.open("wb") as target, pieces.open("rb") as source:
            target.write(notice)
            while block := source.read(PIECE):
                target.write(block)
    return place, beside


def minisign(listed: Path, secret: Path, about: About) -> str:
    """Sign a file with Debian's minisign, which asks for the key's password.

    Raises:
        Problem: It does not sign.
    """
    signature = listed.with_suffix(".minisig")
    comment = f"{about.product} {about.version} {about.built}"
    command = ["minisign", "-S", "-s", str(secret), "-m", str(listed), "-x", str(signature)]
    done = subprocess.run([*command, "-t", comment, "-c", "PiSovereign update"], check=False)
    if done.returncode:
        raise Problem(f"minisign does not sign with {secret}")
    return signature.read_text()


def find_partitions(image: Path) -> dict[str, Place]:
    """Return where each partition is, by its label."""
    done = subprocess.run(["sfdisk", "--json", str(image)], check=True, capture_output=True)
    table = json.loads(done.stdout)["partitiontable"]
    unit = table["sectorsize"]
    return {
        part["name"]: Place(part["start"] * unit, part["size"] * unit)
        for part in table["partitions"]
    }


def _part(
    image: Path,
    name: Literal["boot", "system"],
    place: Place,
    target: BinaryIO,
    *,
    pack: Pack,
    piece: int,
) -> bundle.Part:
    """Write the pieces of a partition; returns the list of them."""
    digest, listed = hashlib.sha256(), []
    slot_at = _slot_at(image, place) if name == "boot" else None
    with image.open("rb") as source, ThreadPoolExecutor(os.cpu_count()) as packers:
        source.seek(place.begin)
        blocks = [
            (offset, min(piece, place.size - offset)) for offset in range(0, place.size, piece)
        ]
        for window in _windows(blocks, 64):
            read = [(offset, source.read(size)) for offset, size in window]
            for _, data in read:
                digest.update(data)
            filled = [(offset, data) for offset, data in read if data.strip(b"\0")]
            packed = packers.map(pack, (data for _, data in filled))
            for (offset, data), stored in zip(filled, packed, strict=True):
                target.write(stored)
                checksum = hashlib.sha256(stored).hexdigest()
                listed.append(bundle.Piece(offset, len(data), len(stored), checksum))
    return bundle.Part(name, place.size, digest.hexdigest(), listed, slot_at)


def _windows(blocks: list[tuple[int, int]], size: int) -> Iterator[list[tuple[int, int]]]:
    """Yield some at a time: an image is larger than the memory."""
    for begin in range(0, len(blocks), size):
        yield blocks[begin : begin + size]


def _slot_at(image: Path, place: Place) -> int:
    """Return where the letter of the slot stands on the boot partition.

    Raises:
        Problem: It is not there once.
    """
    with image.open("rb") as file:
        file.seek(place.begin)
        data = file.read(place.size)
    if data.count(SLOT) != 1:
        raise Problem("the boot partition does not name its system exactly once")
    return data.index(SLOT) + len(SLOT) - 1
