"""What emulation bypasses: the files that only the Raspberry Pi's firmware reads."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from image import boot_files, layers
from image.boot.machine import partitions

BOARDS = {"pi4": "bcm2711-rpi-4-b.dtb", "pi5": "bcm2712-rpi-5-b.dtb"}
FIRMWARE = {"pi4": ("start4.elf", "fixup4.dat"), "pi5": ()}


def read(image: Path, label: str, name: str) -> bytes:
    """Return a file of one of the FAT partitions; empty if it is not there."""
    where = f"{image}@@{partitions(image)[label]}"
    command = ["mtype", "-i", where, f"::{name}"]
    return subprocess.run(command, check=False, capture_output=True).stdout


def names(image: Path, label: str) -> set[str]:
    """Return the files at the top of a FAT partition."""
    where = f"{image}@@{partitions(image)[label]}"
    command = ["mdir", "-b", "-i", where, "::"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {line.removeprefix("::/").rstrip("/") for line in said.splitlines()}


def problems(image: Path, config: layers.Config) -> Iterator[str]:
    """Yield what the firmware of a board that the image is for would miss."""
    there = names(image, "boot_a")
    parts = [layer.boot for layer in layers.load_layers(config)]
    (boot,) = (part for part in parts if part.kernels)
    wanted = {part for kernel in boot.kernels for part in (kernel.kernel, kernel.initrd)}
    for board in config.device.boards:
        wanted |= {BOARDS[board], *FIRMWARE[board]}
    if lacking := wanted - there:
        yield f"boot_a lacks {', '.join(sorted(lacking))}"
    for kernel in boot.kernels:
        # The firmware starts an uncompressed arm64 image, or one packed with gzip.
        head = read(image, "boot_a", kernel.kernel)[:64]
        if head[56:60] != b"ARMd" and head[:2] != b"\x1f\x8b":
            yield f"{kernel.kernel} is no arm64 kernel"
    if read(image, "boot_a", "config.txt").decode().splitlines() != boot.config_txt:
        yield "config.txt is not that of the layer"
    told = read(image, "boot_a", "cmdline.txt").decode().strip()
    if told != boot_files.command_line("a", parts):
        yield "cmdline.txt does not name the system beside it"
    if read(image, "bootconfig", "autoboot.txt").decode() != boot_files.AUTOBOOT:
        yield "autoboot.txt"
