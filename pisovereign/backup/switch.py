"""The moment at which a restored installation takes the place of what was there.

It is made in a folder of its own, `restore.new`. Renaming that to `restore.ready` is the one step
that decides: before it, nothing has changed; after it, whoever comes next, this process or the next
start after a power cut, moves each part to its place. What was there is kept in a folder
`before-restore-...`.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec

from pisovereign.backup.paths import PARTS, POSTGRES
from pisovereign.errors import StartError
from pisovereign.files import create_private, private_folder, replace_private, sync
from pisovereign.storage.embedded.layout import plan_layout
from pisovereign.storage.embedded.leftovers import clear_leftovers

_NEW, _READY, _PLAN = "restore.new", "restore.ready", "plan.json"


class Plan(msgspec.Struct, frozen=True):
    """What is moved where.

    Attributes:
        aside: folder for what was there.
        parts: which parts there are; others are only moved aside.
        leave: parts that stay as they are.
        places: where each part belongs.
    """

    aside: str
    parts: list[str]
    leave: list[str]
    places: dict[str, str]


def is_pending(data_dir: Path) -> bool:
    """Whether a restored installation waits to be moved to its place."""
    return (data_dir / _READY).exists()


def is_begun(data_dir: Path) -> bool:
    """Whether a restore is under way, or was ended before its decision."""
    return (data_dir / _NEW).exists()


def new_folder(data_dir: Path) -> Path:
    """An empty folder to make an installation in."""
    discard(data_dir)
    return private_folder(data_dir / _NEW)


def discard(data_dir: Path) -> None:
    """Remove what a restore that was not completed has left, if any.

    Raises:
        StartError: it cannot be removed.
    """
    folder = data_dir / _NEW
    if not folder.exists():
        return
    postgres = folder / POSTGRES
    location = postgres / "location"
    try:
        if location.exists() or (postgres / "cluster").exists():
            layout = plan_layout(postgres)
            clear_leftovers(layout)
            layout.discard_socket_folder()
            shutil.rmtree(layout.cluster.parent)
        if folder.exists():
            shutil.rmtree(folder)
    except OSError as error:
        raise StartError(f"{folder} cannot be removed: {error.strerror}") from error


def switch(data_dir: Path, where: Mapping[str, Path], leave: list[str]) -> Path | None:
    """Put what is in `new_folder` into its place; returns where the old is, if there was any."""
    folder = data_dir / _NEW
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    aside = f"before-restore-{moment}"
    number = 1
    while (data_dir / aside).exists():
        number += 1
        aside = f"before-restore-{moment}-{number}"
    parts = [name for name in PARTS if (folder / name).exists()]
    plan = Plan(aside, parts, leave, {name: str(place) for name, place in where.items()})
    create_private(folder / _PLAN, msgspec.json.encode(plan))
    sync(folder)
    os.rename(folder, data_dir / _READY)  # noqa: PTH104 - this is the decisive step
    sync(data_dir)
    return finish(data_dir)


def finish(data_dir: Path) -> Path | None:
    """Move a restored installation to its place, if one waits; may be repeated after any end.

    Only whoever holds the data folder may call this. Returns where the old is, if there was any.

    Raises:
        StartError: something cannot be moved.
    """
    ready = data_dir / _READY
    if not ready.exists():
        return None
    try:
        plan_file = ready / _PLAN
        if not plan_file.exists():  # all was moved, and the end came before this folder's
            shutil.rmtree(ready)
            return None
        plan = msgspec.json.decode(plan_file.read_bytes(), type=Plan)
        aside = data_dir / plan.aside
        for name in PARTS:
            if name not in plan.leave:
                _move(ready, data_dir, aside, plan, name)
        sync(data_dir)
        plan_file.unlink()
        sync(ready)
        shutil.rmtree(ready)
        sync(data_dir)
    except (OSError, msgspec.MsgspecError) as error:
        raise StartError(f"{ready}: the restore cannot be completed: {error}") from error
    return aside if aside.exists() else None


def _move(ready: Path, data_dir: Path, aside: Path, plan: Plan, name: str) -> None:
    new, place = ready / name, Path(plan.places[name])
    if name in plan.parts and not new.exists():
        return  # it is in its place already
    if place.parent == data_dir:
        if place.exists():
            private_folder(aside)
            place.rename(aside / name)
            sync(aside)
        if new.exists():
            new.rename(place)
        sync(data_dir)
        return
    # A configuration or key elsewhere may be on another file system.
    if place.exists():
        private_folder(aside)
        create_private(aside / name, place.read_bytes())
        if name not in plan.parts:
            place.unlink()
    if new.exists():
        replace_private(place, new.read_bytes())
        new.unlink()
