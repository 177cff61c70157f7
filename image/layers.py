"""What goes into an image: `config/NAME.yaml` and the layers that it lists, as one structure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import yaml

from image import target

HERE = Path(__file__).parent


class Mirror(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """An archive beside Debian's."""

    uri: str
    suites: list[str]
    components: list[str]
    signed_by: str


class Bootstrap(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What mmdebstrap gets to know."""

    packages: list[str]
    suite: str = ""
    variant: str = ""
    architectures: list[str] = []
    components: list[str] = []
    mirrors: list[Mirror] = []


class Units(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Which units start, which do not, and which may not even be asked for."""

    enable: list[str] = []
    disable: list[str] = []
    mask: list[str] = []


class Kernel(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A kernel by the pattern of its version, and the names it has on the boot partition."""

    version: str
    kernel: str
    initrd: str


class Boot(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What the boot partition holds."""

    kernels: list[Kernel] = []
    files: list[str] = []
    config_txt: list[str] = []
    # What the kernel is told beyond what every image tells it.
    command_line: list[str] = []


class Layer(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One file of `layer/`."""

    mmdebstrap: Bootstrap
    units: Units = Units()
    models: list[str] = []
    boot: Boot = Boot()


class Device(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The boards that an image is for, as Raspberry Pi Imager names them."""

    boards: list[str]


class Image(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Name and sizes."""

    name: str
    boot_part_size: str
    system_part_size: str
    persistent_part_size: str


class Config(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One file of `config/`."""

    device: Device
    image: Image
    layer: dict[str, str]


def load_config(name: str) -> Config:
    """Read `config/NAME.yaml`."""
    return msgspec.convert(_read(HERE / "config" / f"{name}.yaml"), Config)


def load_layers(config: Config) -> list[Layer]:
    """Read the layers of a configuration, in their order.

    Raises:
        ValueError: a layer requires one that is not listed before it.
    """
    seen: set[str] = set()
    for name in config.layer.values():
        if lacking := set(requirements(name)) - seen:
            raise ValueError(f"layer {name} requires {', '.join(sorted(lacking))} before it")
        seen.add(name)
    return [msgspec.convert(_read(path(name)), Layer) for name in config.layer.values()]


def machine(found: list[Layer]) -> target.Target:
    """Return what the layers of a configuration are for; its kernel's says so."""
    (architecture,) = {name for layer in found for name in layer.mmdebstrap.architectures}
    return target.named(architecture)


def path(layer: str) -> Path:
    """Return the file of a layer."""
    return HERE / "layer" / f"{layer}.yaml"


def requirements(layer: str) -> list[str]:
    """Return the layers that a layer's head names as required."""
    for line in path(layer).read_text().splitlines():
        if line.startswith("# X-Env-Layer-Requires:"):
            return line.partition(":")[2].split()
    return []


def _read(file: Path) -> Any:
    return yaml.safe_load(file.read_text())
