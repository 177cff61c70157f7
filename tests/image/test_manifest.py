"""What Raspberry Pi Imager reads."""

from pathlib import Path

import jsonschema
import pytest

from image import artifacts, layers, manifest


@pytest.fixture
def image(tmp_path: Path) -> Path:
    image = tmp_path / "pisovereign-1.img"
    image.write_bytes(b"\0" * 1024)
    packed = tmp_path / "pisovereign-1.img.zst"
    packed.write_bytes(b"packed")
    artifacts.checksums([image, packed])
    return image


def test_it_is_what_imager_takes(image: Path) -> None:
    made = manifest.describe(
        image, "file:///x/pisovereign-1.img.zst", ["pi4", "pi5"], 1_700_000_000
    )
    manifest.check(made)
    (entry,) = made["os_list"]
    assert entry["extract_size"] == 1024
    assert entry["image_download_size"] == 6
    assert entry["release_date"] == "2023-11-14"
    assert entry["init_format"] == "cloudinit"
    offered = {tag for device in made["imager"]["devices"] for tag in device["tags"]}
    assert set(entry["devices"]) == offered == {"pi4-64bit", "pi5-64bit"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "pisovereign.img"),
        ("extract_sha256", "x"),
        ("init_format", "magic"),
        ("devices", []),
    ],
)
def test_what_imager_would_not_take_is_noticed(image: Path, field: str, value: object) -> None:
    made = manifest.describe(image, "https://example.org/a.img.zst", ["pi4"], 0)
    made["os_list"][0][field] = value
    with pytest.raises(jsonschema.ValidationError):
        manifest.check(made)


def test_every_configuration_names_boards_that_imager_knows() -> None:
    for path in (layers.HERE / "config").glob("*.yaml"):
        if path.stem == "pc":
            continue  # for tests on a PC: nobody writes it to a card
        assert set(layers.load_config(path.stem).device.boards) <= manifest.DEVICES.keys()
