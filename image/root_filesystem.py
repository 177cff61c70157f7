"""The second half of the root filesystem: what is ours, on top of the packages."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from image import binfmt, build_cache, layers, packages, target
from image.wheels import command as wheels
from image.wheels import lock, pc_wheel, project_wheel

SOURCES = (
    *("customize.py", "program.py", "models.py", "boot_files.py", "cleanup.py", "layers.py"),
    *("release_files.py", "user_mode.py"),
)
TAR = (
    *("--numeric-owner", "--xattrs", "--xattrs-include=*", "--sort=name", "--format=posix"),
    "--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime",
)


def epoch(root: Path) -> int:
    """Return the newest time that a file of the image may have: that of the last commit."""
    command = ["git", "-C", str(root), "log", "-1", "--format=%ct"]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def key(root: Path, name: str, base: Path) -> str:
    """Return what the filesystem depends on."""
    config = layers.load_config(name)
    made_for = layers.machine(layers.load_layers(config))
    ours = pc_wheel if made_for == target.PC else project_wheel
    here = layers.HERE
    files = [
        *(here / "files").rglob("*"),
        *(here / "layer").rglob("*"),
        *(here / "update_keys").rglob("*.pub"),
        *(root / "systemd").rglob("*"),
    ]
    code = [(here / file).read_text() for file in (*SOURCES, "root_filesystem.py")]
    installer = (root / "tools" / "install_units.py").read_text()
    parts = (
        base.parent.name,
        build_cache.digest_files(root, files),
        lock.requirements(made_for),
        installer,
    )
    return build_cache.digest(*parts, *code, *config.layer.values(), ours.key(root))


def build(root: Path, name: str, base: Path, folder: Path) -> None:
    """Make `root.tar` and `epoch` in a folder."""
    made_for = layers.machine(layers.load_layers(layers.load_config(name)))
    if made_for.machine != platform.machine():
        binfmt.register()
    wheels.collect(root, made_for)
    newest = epoch(root)
    (folder / "epoch").write_text(str(newest))
    with tempfile.TemporaryDirectory(dir=packages.fast_folder(), prefix="root-") as place:
        unpack(base, Path(place))
        # In a mount namespace: what is mounted in there is gone with it, however this ends.
        inside = ["unshare", "--mount", "--fork", "--kill-child", "--propagation=private"]
        customize = [sys.executable, "-m", "image.customize", place, name]
        environment = os.environ | {"SOURCE_DATE_EPOCH": str(newest), "PYTHONPATH": str(root)}
        subprocess.run([*inside, *customize], check=True, env=environment, cwd=root)
        pack = ["tar", "--create", *TAR, "--clamp-mtime", f"--mtime=@{newest}"]
        out = [f"--file={folder / 'root.tar'}", f"--directory={place}", "."]
        subprocess.run([*pack, *out], check=True)


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a root filesystem with owners and attributes."""
    options = ["--numeric-owner", "--xattrs", "--xattrs-include=*", f"--directory={folder}"]
    command = ["tar", "--extract", "--exclude=./dev/*", *options, f"--file={archive}"]
    subprocess.run(command, check=True)
    folder.chmod(0o755)


def find(root: Path, name: str) -> Path | None:
    """Return the filesystem of the sources as they are, if it is kept."""
    found = layers.load_layers(layers.load_config(name))
    base = build_cache.entry("packages", packages.key(found)) / "packages.tar"
    archive = build_cache.entry(f"root-{name}", key(root, name, base)) / "root.tar"
    return archive if archive.is_file() else None


def ensure(root: Path, name: str) -> Path:
    """Return the filesystem as a tar archive, made unless it is kept."""
    base = packages.ensure(layers.load_layers(layers.load_config(name)))
    made = build_cache.cached(
        f"root-{name}", key(root, name, base), lambda part: build(root, name, base, part)
    )
    return made / "root.tar"
