"""Removing what an image must not hold: keys, ids, logs, and what differs between two builds."""

from __future__ import annotations

import shutil
from pathlib import Path

GONE = (
    "etc/ssh/ssh_host_*",
    "etc/machine-id",
    "var/lib/dbus/machine-id",
    "var/lib/systemd/random-seed",
    "var/log/*",
    "var/cache/*",
    "var/lib/apt/lists/*",
    "var/lib/dpkg/*-old",
    "var/backups/*",
    "etc/passwd-",
    "etc/group-",
    "etc/shadow-",
    "etc/gshadow-",
    "etc/.pwd.lock",
    "boot/vmlinuz*",
    "boot/initrd*",
    "root/.*history",
    "tmp/*",
)


def clean(root: Path) -> None:
    """Do so, and leave what the first boot expects."""
    for pattern in GONE:
        for path in root.glob(pattern):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    # Empty, not missing: a missing one would be a "first boot", at which systemd enables services.
    (root / "etc/machine-id").touch()
    link(root / "etc/resolv.conf", "../run/systemd/resolve/stub-resolv.conf")
    link(root / "var/lib/dbus/machine-id", "/etc/machine-id")
    link(root / "etc/mtab", "../proc/self/mounts")
    for name in ("etc/.updated", "var/.updated"):
        # As new as everything else: nothing is to be brought up to date at the first boot.
        (root / name).touch()


def link(place: Path, to: str) -> None:
    """Make a link; what is there, a dangling one too, makes room for it."""
    place.unlink(missing_ok=True)
    place.symlink_to(to)
