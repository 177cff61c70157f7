"""What would fail while an image is built is found without building it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from image import check, customize, layers
from image.layers import Boot, Bootstrap, Kernel, Layer, Units

ROOT = Path(__file__).parents[2]
KERNEL = Boot([Kernel("*-arm64", "vmlinuz", "initrd.img")])


def layer(
    packages: list[str] | None = None,
    units: Units | None = None,
    models: list[str] | None = None,
) -> Layer:
    bootstrap = Bootstrap(packages or [], "trixie", "apt", ["arm64"], ["main"])
    return Layer(bootstrap, units or Units(), models or [], KERNEL)


def test_nothing_is_wrong_with_what_the_images_are_made_of(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert check.run(ROOT) == 0
    names = [line.partition(":")[0] for line in capsys.readouterr().out.splitlines()]
    assert names == ["debian", "pc", "rpios"]


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (layer(packages=["python3", "Python 3"]), "no package with a name like 'Python 3'"),
        (layer(units=Units(enable=["ssh"])), "'ssh' is no unit"),
        (layer(units=Units(["a.service"], [], ["a.service"])), "a.service is enabled by one layer"),
        (layer(models=["absent"]), "the manifest of models has no absent"),
    ],
)
def test_what_a_layer_asks_for_and_cannot_get_is_told(found: Layer, problem: str) -> None:
    (told,) = check.of_layers([layer(), found])
    assert problem in told


@pytest.mark.parametrize(
    ("size", "board", "problem"),
    [("256 MB", "pi4", "'256 MB' is no size"), ("256M", "pi3", "there is no board pi3")],
)
def test_a_configuration_that_cannot_become_an_image_is_told(
    size: str, board: str, problem: str
) -> None:
    image = layers.Image("a", "1M", size, "1M")
    config = layers.Config(layers.Device([board]), image, {})
    (told,) = check.of_config(config, [layer()])
    assert problem in told


def test_two_kernels_or_two_machines_are_told() -> None:
    config = layers.load_config("debian")
    assert list(check.of_config(config, [layer(), layer()])) == [
        "not exactly one layer has kernels"
    ]
    other = Layer(Bootstrap([], architectures=["amd64"]))
    assert list(check.of_config(config, [layer(), other]))


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "image"
    shutil.copytree(layers.HERE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(layers, "HERE", folder)
    monkeypatch.setattr(customize, "FILES", folder / "files")
    return folder


@pytest.mark.parametrize(
    ("file", "text", "problem"),
    [
        ("config/rpios.yaml", "image: {}", "rpios: Object missing required field"),
        ("layer/network.yaml", "mmdebstrap: {parcels: []}", "unknown field `parcels`"),
        ("layer/network.yaml", "mmdebstrap: [", "while parsing"),
        (
            "files/etc/initramfs-tools/scripts/init-bottom/pisovereign",
            "#!/bin/sh\nif true; then\n",
            "init-bottom/pisovereign: ",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_told(
    copied: Path, file: str, text: str, problem: str
) -> None:
    (copied / file).write_text(text)
    told = list(check.problems(ROOT))
    assert told
    assert all(problem in line for line in told)


def test_a_file_that_a_package_looks_for_is_missed(copied: Path) -> None:
    (copied / "files/etc/postgresql-common/createcluster.conf").unlink()
    (told,) = check.problems(ROOT)
    assert told.startswith("there is no image/files/etc/postgresql-common")


def test_a_program_or_a_package_that_is_not_there_is_told(tmp_path: Path) -> None:
    project = (ROOT / "pyproject.toml").read_text()
    project = project.replace('"yarl>', '"unheard-of>').replace("cli.serve:main", "cli.serve:begin")
    (tmp_path / "pyproject.toml").write_text(project)
    shutil.copytree(ROOT / "pisovereign" / "cli", tmp_path / "pisovereign" / "cli")
    told = list(check.of_sources(tmp_path))
    assert "unheard-of is not in requirements.lock: python -m image lock" in told
    assert "pisovereign: there is no pisovereign.cli.serve:begin" in told


def test_a_unit_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert list(check.of_files(tmp_path)) == []
    (tmp_path / "usr/lib/systemd/system/pisovereign.target").unlink(missing_ok=True)
    for unit in (tmp_path / "usr/lib/systemd/system").glob("pisovereign*.service"):
        unit.unlink()
    assert any("which is not there" in line for line in check.of_presets(tmp_path))
