"""`make image`: the root filesystem, the disk, and what is published beside it."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from image import (
    artifacts,
    build_cache,
    disk,
    layers,
    manifest,
    packages,
    root_filesystem,
    sbom,
    target,
)
from pisovereign import __version__

BILL = "usr/share/pisovereign/parts.cdx.json"
"""What is in a system, on the system."""


def ensure(root: Path, name: str) -> Path:
    """Return the disk image of a configuration, made unless it is kept."""
    archive = root_filesystem.ensure(root, name)
    layout = disk.LAYOUT.read_text() + Path(disk.__file__).read_text() + Path(__file__).read_text()
    key = build_cache.digest(archive.parent.name, layout, (archive.parent / "epoch").read_text())
    folder = build_cache.cached(f"disk-{name}", key, lambda part: make(archive, name, part))
    return next(folder.glob("*.img"))


def make(archive: Path, name: str, folder: Path) -> None:
    """Fill a folder with the image and everything beside it."""
    config = layers.load_config(name)
    epoch = int((archive.parent / "epoch").read_text())
    full_name = f"{config.image.name}-{__version__}"
    began = time.monotonic()
    bill = sbom.document(sbom.components(archive), full_name, __version__, epoch)
    with tempfile.TemporaryDirectory(dir=packages.fast_folder(), prefix="tree-") as place:
        tree = Path(place)
        root_filesystem.unpack(archive, tree)
        put_bill(bill, tree, epoch)
        layout = disk.render(disk.LAYOUT.read_text(), config.image, full_name, epoch)
        disk.build(tree, layout, folder, epoch, packages.fast_folder())
    image = folder / f"{full_name}.img"
    print(f"disk image in {time.monotonic() - began:.0f} s", flush=True)
    beside = folder / f"{full_name}.cdx.json"
    beside.write_text(bill)
    made = [image, beside]
    if layers.machine(layers.load_layers(config)) != target.PC:
        # That one nobody flashes.
        made += [artifacts.compress(image), artifacts.block_map(image)]
    artifacts.checksums(made)


def put_bill(bill: str, tree: Path, epoch: int) -> None:
    """Write the bill of materials into the system too: so each update brings its own."""
    place = tree / BILL
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(bill)
    place.chmod(0o644)
    for path in (place, place.parent):
        os.utime(path, (epoch, epoch))


def run(root: Path, name: str) -> None:
    """Make it, and link the results into `build/image`."""
    image = ensure(root, name)
    output = root / "build" / "image"
    output.mkdir(parents=True, exist_ok=True)
    epoch = int((root_filesystem.ensure(root, name).parent / "epoch").read_text())
    named = layers.load_config(name).device.boards
    if boards := [board for board in named if board in manifest.DEVICES]:
        described = manifest.describe(image, (output / f"{image.name}.zst").as_uri(), boards, epoch)
        print(manifest.write(described, output / image.name))
    for path in sorted(image.parent.iterdir()):
        link = output / path.name
        link.unlink(missing_ok=True)
        link.symlink_to(path)
        print(f"{path.stat().st_size / 1e6:>10,.1f} MB  {link}")
    taken = image.stat().st_blocks * 512 / 1e6
    print(f"{taken:>10,.1f} MB  of the image hold anything", file=sys.stdout)
    checksum = build_cache.sha256_of(root_filesystem.ensure(root, name))
    print(f"sha256 of the root filesystem: {checksum}")
