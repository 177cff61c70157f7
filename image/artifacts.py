"""What is published beside an image: compressed, with a block map, checksums and a manifest."""

from __future__ import annotations

import subprocess
from pathlib import Path

from image import build_cache


def compress(image: Path) -> Path:
    """Compress with zstd; quick, and Raspberry Pi Imager and bmaptool read it."""
    packed = image.with_name(f"{image.name}.zst")
    command = ["zstd", "--quiet", "--force", "-10", "-T0", str(image), "-o", str(packed)]
    subprocess.run(command, check=True)
    return packed


def block_map(image: Path) -> Path:
    """Note which blocks hold anything, so that bmaptool writes only those."""
    place = image.with_name(f"{image.name}.bmap")
    subprocess.run(["bmaptool", "--quiet", "create", "-o", str(place), str(image)], check=True)
    return place


def checksums(files: list[Path]) -> Path:
    """Write SHA256SUMS for `sha256sum --check`."""
    place = files[0].with_name("SHA256SUMS")
    lines = [f"{build_cache.sha256_of(path)}  {path.name}\n" for path in sorted(files)]
    place.write_text("".join(lines))
    return place


def read_checksums(place: Path) -> dict[str, str]:
    """Return the checksums in such a file, by name."""
    lines = (line.split("  ", 1) for line in place.read_text().splitlines())
    return {name: digest for digest, name in lines}
