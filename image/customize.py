"""What is done in the new root filesystem: `python -m image.customize FOLDER CONFIG`.

Runs in a mount namespace of its own (`system.py`).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from image import boot_files, cleanup, layers, models, program, release_files, user_mode
from tools import install_units

ROOT = Path(__file__).resolve().parent.parent
FILES = layers.HERE / "files"
MOUNT_POINTS = ("data", "boot/config", "boot/firmware", "var/lib/pisovereign", "var/lib/cloud")
PERSISTENT = ("pisovereign", "systemd", "cloud", "home", "etc/changes", "etc/work")


def customize(root: Path, name: str) -> None:
    """Everything that is ours."""
    os.umask(0o022)
    mount(root)
    config = layers.load_config(name)
    found = layers.load_layers(config)
    copy_files(root)
    for point in MOUNT_POINTS:
        (root / point).mkdir(parents=True, exist_ok=True)
    for folder in PERSISTENT:
        (root / "data" / folder).mkdir(parents=True, exist_ok=True)
    install_units.install(root)
    program.install(ROOT / "build" / "wheels", root, layers.machine(found))
    models.install([model for layer in found for model in layer.models], root)
    inside(root, "systemd-sysusers")
    # Folders that cannot be made later; those of the kernel and of the data partition are. Some
    # entries want a running system, which does not matter.
    later = ("dev", "proc", "sys", "run", "tmp", "var/tmp", "var/lib/pisovereign")
    without = (f"--exclude-prefix=/{name}" for name in later)
    inside(root, "systemd-tmpfiles", "--create", *without, check=False)
    release_files.write(root, config, int(os.environ["SOURCE_DATE_EPOCH"]))
    units(root, found)
    user_mode.install(root)
    (root / "etc/initramfs-tools/update-initramfs.conf").write_text("update_initramfs=yes\n")
    inside(root, "update-initramfs", "-c", "-k", "all")
    boot_files.collect(root, [layer.boot for layer in found])
    cleanup.clean(root)


def copy_files(root: Path) -> None:
    """Copy our files, with nothing of how they lie in this clone: neither times nor modes."""
    for path in sorted(path for path in FILES.rglob("*") if path.is_file()):
        target = root / path.relative_to(FILES)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        target.chmod(0o755 if os.access(path, os.X_OK) else 0o644)


def mount(root: Path) -> None:
    """Return what programs of the new system expect of a kernel."""
    for kind, place in (("proc", "proc"), ("sysfs", "sys"), ("tmpfs", "run"), ("tmpfs", "tmp")):
        subprocess.run(["mount", "-t", kind, kind, str(root / place)], check=True)
    subprocess.run(["mount", "--rbind", "/dev", str(root / "dev")], check=True)


def units(root: Path, found: list[layers.Layer]) -> None:
    """Enable, disable and mask; ours as their own preset says."""
    systemctl = ["systemctl", f"--root={root}"]
    for layer in found:
        for verb in ("enable", "disable", "mask"):
            if names := getattr(layer.units, verb):
                subprocess.run([*systemctl, verb, *names], check=True)
    folder = root / "usr/lib/systemd/system"
    ours = [path.name for path in folder.glob("pisovereign*") if path.is_file()]
    subprocess.run([*systemctl, "preset", *sorted(ours)], check=True)


def inside(root: Path, *command: str, check: bool = True) -> None:
    """Run a program of the new system."""
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
    environment["SOURCE_DATE_EPOCH"] = os.environ["SOURCE_DATE_EPOCH"]
    subprocess.run(["chroot", str(root), *command], check=check, env=environment)


if __name__ == "__main__":
    customize(Path(sys.argv[1]), sys.argv[2])
