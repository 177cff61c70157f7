"""The two FAT partitions: what the Raspberry Pi's firmware reads."""

from __future__ import annotations

import shutil
from pathlib import Path

from image import layers

# A system that cannot start starts the machine again, which leads back from one that is tried.
COMMAND_LINE = (
    "root=PARTLABEL=system_{slot} ro rootfstype=ext4 rootwait panic=30 net.ifnames=0 console=tty1 "
    "quiet systemd.show_status=auto"
)
# The firmware reads this first, and then only the partition it names; `tryboot` is one start with
# the other one.
AUTOBOOT = """\
[all]
tryboot_a_b=1
boot_partition=2
[tryboot]
boot_partition=3
"""


def command_line(slot: str, parts: list[layers.Boot]) -> str:
    """Return what the kernel of a slot, `a` or `b`, is told."""
    more = [word for boot in parts for word in boot.command_line]
    return " ".join([COMMAND_LINE.format(slot=slot), *more])


def collect(root: Path, parts: list[layers.Boot]) -> None:
    """Fill `boot/config` and `boot/firmware`, and empty `boot` of what is copied."""
    firmware, config = root / "boot/firmware", root / "boot/config"
    for folder in (firmware, config):
        shutil.rmtree(folder)
        folder.mkdir()
    lines = []
    for boot in parts:
        for kernel in boot.kernels:
            move(root / "boot", kernel, firmware)
        for pattern in boot.files:
            copy(root, pattern, firmware)
        lines += boot.config_txt
    (firmware / "config.txt").write_text("".join(f"{line}\n" for line in lines))
    (firmware / "cmdline.txt").write_text(command_line("a", parts) + "\n")
    (config / "autoboot.txt").write_text(AUTOBOOT)


def move(boot: Path, kernel: layers.Kernel, firmware: Path) -> None:
    """Move one kernel and its initramfs, and drop the rest of what its package put there."""
    (image,) = boot.glob(f"vmlinuz-{kernel.version}")
    version = image.name.removeprefix("vmlinuz-")
    shutil.move(image, firmware / kernel.kernel)
    shutil.move(boot / f"initrd.img-{version}", firmware / kernel.initrd)


def copy(root: Path, pattern: str, firmware: Path) -> None:
    """Copy files or a folder by a pattern; it must match something."""
    found = sorted(root.glob(pattern))
    if not found:
        raise ValueError(f"nothing in the root filesystem is called {pattern}")
    for path in found:
        if path.is_dir():
            shutil.copytree(path, firmware / path.name, dirs_exist_ok=True)
        else:
            shutil.copy(path, firmware / path.name)
