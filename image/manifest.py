"""What Raspberry Pi Imager has to know: `NAME.rpi-imager-manifest`, opened with a double click."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema

from image import artifacts

SCHEMA = Path(__file__).with_name("manifest.schema.json")
DEVICES = {
    "pi5": {"name": "Raspberry Pi 5", "tags": ["pi5-64bit"], "description": "Pi 5, 500 and CM5"},
    "pi4": {"name": "Raspberry Pi 4", "tags": ["pi4-64bit"], "description": "Pi 4, 400 and CM4"},
}
ICON = (
    "data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 40 40'>"
    "<circle cx='20' cy='20' r='18' fill='%23264653'/></svg>"
)


def describe(image: Path, url: str, boards: list[str], epoch: int) -> dict[str, Any]:
    """Return the manifest of an image; `init_format` has Imager ask for name, user and Wi-Fi."""
    packed = image.with_name(f"{image.name}.zst")
    sums = artifacts.read_checksums(image.with_name("SHA256SUMS"))
    chosen = [DEVICES[board] for board in boards]
    tags = [tag for device in chosen for tag in device["tags"]]
    return {
        "imager": {"devices": [{**device, "matching_type": "inclusive"} for device in chosen]},
        "os_list": [
            {
                "name": image.name.removesuffix(".img"),
                "description": "A private assistant: open http://pisovereign.local",
                "icon": ICON,
                "url": url,
                "extract_size": image.stat().st_size,
                "extract_sha256": sums[image.name],
                "image_download_size": packed.stat().st_size,
                "image_download_sha256": sums[packed.name],
                "release_date": datetime.fromtimestamp(epoch, UTC).date().isoformat(),
                "init_format": "cloudinit",
                "devices": tags,
            }
        ],
    }


def check(manifest: dict[str, Any]) -> None:
    """Raise `jsonschema.ValidationError` if Imager would not take it."""
    jsonschema.validate(manifest, json.loads(SCHEMA.read_text()))


def write(manifest: dict[str, Any], image: Path) -> Path:
    """Write it beside the image."""
    check(manifest)
    place = image.with_suffix(".rpi-imager-manifest")
    place.write_text(json.dumps(manifest, indent=2) + "\n")
    return place
