"""Three updates of an image, on a memory stick: a good one, and two that must not stay.

All are newer than the image and bring a new table, so that the database has to be copied. They are
made of the image itself; what is changed in them is changed in copies.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import NamedTuple

from image import build, bundle, target
from image.boot import stored

MIGRATIONS = (
    f"/opt/pisovereign/lib/python{target.PYTHON}/site-packages/pisovereign/storage/migrations"
)
# Slow, so that the plug can be pulled while it goes on.
_NEW_TABLE = "CREATE TABLE boot_test (id bigint PRIMARY KEY);\nSELECT pg_sleep(5);\n"
# The tables are whole, and the program cannot read them: what the check is there to find.
_UNREADABLE = f"{_NEW_TABLE}ALTER TABLE memories RENAME COLUMN summary TO gone;\n"
# No system starts with that: the kernel panics, and starts again.
_BROKEN = (b" ro rootfstype=ext4", b" ro rootfstype=none")

# Sticks with that label are mounted by themselves.
LABEL = "PISOVEREIGN"
GOOD, UNREADABLE, UNMOUNTABLE = "good", "unreadable", "unmountable"
KINDS = (GOOD, UNREADABLE, UNMOUNTABLE)


class Made(NamedTuple):
    """A memory stick with updates, the key that they are signed with, and their names by kind."""

    stick: Path
    key: str
    names: dict[str, str]


def make(root: Path, name: str, folder: Path) -> Made:
    """Make the updates of a configuration's image, and a stick that holds them."""
    image = build.ensure(root, name)
    secret = folder / "test.key"
    command = ["minisign", "-G", "-W", "-p", f"{secret}.pub", "-s", str(secret)]
    subprocess.run(command, check=True, capture_output=True)
    files: dict[str, Path] = {}
    for number, kind in enumerate(KINDS, start=1):
        copy = folder / "changed.img"
        subprocess.run(["cp", "--sparse=always", str(image), str(copy)], check=True)
        change(copy, kind, folder)
        about = bundle.describe(root, name, "usual", f"A test: {kind}.")
        about = about._replace(built=about.built + number)
        files[kind], _ = bundle.make(
            copy,
            bundle.find_partitions(copy),
            about,
            folder,
            sign=lambda listed, about=about: bundle.minisign(listed, secret, about),  # type: ignore[misc]
            pack=stored.pack,
        )
        copy.unlink()
    stick = fill_stick(folder / "stick.img", list(files.values()))
    names = {kind: path.name for kind, path in files.items()}
    for path in files.values():
        path.unlink()
    return Made(stick, Path(f"{secret}.pub").read_text(), names)


def change(image: Path, kind: str, folder: Path) -> None:
    """Change the system of an image into that of an update."""
    sql = folder / "migration.sql"
    sql.write_text(_UNREADABLE if kind == UNREADABLE else _NEW_TABLE)
    place = bundle.find_partitions(image)["system_a"]
    where = f"{image}?offset={place.begin}"
    command = ["debugfs", "-w", "-R", f"write {sql} {MIGRATIONS}/9000_boot_test.sql", where]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    if "Allocated inode" not in done.stdout:
        raise RuntimeError(f"debugfs: {done.stdout}{done.stderr}")
    if kind == UNMOUNTABLE:
        place = bundle.find_partitions(image)["boot_a"]
        with image.open("r+b") as file:
            file.seek(place.begin)
            at = file.read(place.size).index(_BROKEN[0])
            file.seek(place.begin + at)
            file.write(_BROKEN[1])


def fill_stick(stick: Path, files: list[Path]) -> Path:
    """Make the image of a memory stick with these files, and room for 60 MB of others."""
    size = sum(path.stat().st_size for path in files) + (64 << 20)
    with stick.open("wb") as file:
        file.truncate(size)
    options = ["-F", "32", "-n", LABEL]
    subprocess.run(["mkfs.vfat", *options, str(stick)], check=True, capture_output=True)
    if files:
        subprocess.run(["mcopy", "-i", str(stick), *map(str, files), "::"], check=True)
    return stick
