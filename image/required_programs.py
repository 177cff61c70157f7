"""Programs that must be there, and the Debian packages that bring them."""

from __future__ import annotations

import shutil
from pathlib import Path

from tools.problem import Problem

WHEELS = {
    "aarch64-linux-gnu-gcc": "gcc-aarch64-linux-gnu",
    "aarch64-linux-gnu-g++": "g++-aarch64-linux-gnu",
    "mmdebstrap": "mmdebstrap",
    "qemu-aarch64": "qemu-user",
}
BUILD = {
    "mmdebstrap": "mmdebstrap",
    "arch-test": "arch-test",
    "genimage": "genimage",
    "mkfs.vfat": "dosfstools",
    "mcopy": "mtools",
    "mkfs.ext4": "e2fsprogs",
    "zstd": "zstd",
    "bmaptool": "bmap-tools",
    "/usr/lib/binfmt.d/qemu-aarch64.conf": "qemu-user-binfmt",
    "/usr/share/keyrings/debian-archive-keyring.pgp": "debian-archive-keyring",
}
PC = {
    "/usr/bin/python3.13": "python3.13",
    "/usr/include/python3.13/Python.h": "python3-dev",
    "gcc": "gcc",
}
SIGN = {"minisign": "minisign"}
UPDATE = SIGN | {"debugfs": "e2fsprogs", "mkfs.vfat": "dosfstools", "mcopy": "mtools"}
BOOT_PC = {"unshare": "util-linux", "ip": "iproute2"}
BOOT = {
    "qemu-system-aarch64": "qemu-system-arm",
    "qemu-img": "qemu-utils",
    "ssh": "openssh-client",
}


def require(programs: dict[str, str]) -> None:
    """Raise `Problem`, in one line that can be acted on, if any is missing."""
    lacking = [package for name, package in programs.items() if not _there(name)]
    if lacking:
        raise Problem(f"Missing: apt-get install {' '.join(lacking)}")


def _there(name: str) -> bool:
    return Path(name).exists() if name.startswith("/") else shutil.which(name) is not None
