"""Put a restored installation into the place of what was there.

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

from pisovereign.api_keys import owner_key_file
from pisovereign.backup.format import CONFIG, MASTER_KEY, OWNER_KEY, TLS_AUTHORITY
from pisovereign.config.loading import config_file
from pisovereign.errors import StartError
from pisovereign.files import create_private, private_folder, replace_private, sync
from pisovereign.runtime import master_key_file
from pisovereign.storage.embedded.layout import plan_layout
from pisovereign.storage.embedded.leftovers import clear_leftovers

POSTGRES = "postgres"
PARTS = (MASTER_KEY, OWNER_KEY, TLS_AUTHORITY, CONFIG, POSTGRES)
"""The parts of an installation, without models and what can be computed again."""


def places(data_dir: Path, environ: Mapping[str, str] = os.environ) -> dict[str, Path]:
    """Return the place of each part: in the data folder, unless the environment says otherwise."""
    # Imported here: each start looks whether a restore waits, and few do.
    from pisovereign.tls.own_certificate import authority_file  # noqa: PLC0415

    environ = {**environ, "PISOVEREIGN_DATA_DIR": str(data_dir)}
    return {
        MASTER_KEY: master_key_file(data_dir, environ),
        OWNER_KEY: owner_key_file(data_dir),
        TLS_AUTHORITY: authority_file(data_dir),
        CONFIG: config_file(environ),
        POSTGRES: data_dir / POSTGRES,
    }


def occupied(where: Mapping[str, Path], leave: list[str]) -> list[Path]:
    """Return the parts of an installation that exist already."""
    return [place for name, place in where.items() if name not in leave and _exists(place)]


def check_writable(where: Mapping[str, Path], leave: list[str], data_dir: Path) -> None:
    """Require that parts outside of the data folder can be written.

    After the switch it would be too late: half of the parts would be in their places.

    Raises:
        StartError: A folder is missing, or cannot be written to.
    """
    for name, place in where.items():
        folder = place.parent
        if name in leave or folder == data_dir:
            continue
        if not folder.is_dir():
            raise StartError(f"{place}: there is no folder {folder}; nothing was changed")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise StartError(f"{place}: {folder} cannot be written to; nothing was changed")
        if place.exists() and not (place.is_file() and os.access(place, os.R_OK)):
            raise StartError(f"{place}: what is there cannot be kept; nothing was changed")


def _exists(place: Path) -> bool:
    """Return whether a part exists; the empty `postgres` of a failed start does not count."""
    if place.is_dir():
        return (place / "cluster").exists() or (place / "location").exists()
    return place.exists()


_NEW, _READY, _PLAN = "restore.new", "restore.ready", "plan.json"


class Plan(msgspec.Struct, frozen=True):
    """The moves to make.

    Attributes:
        aside: The folder for what was there.
        parts: The parts that were restored; others are only moved aside.
        leave: The parts that stay as they are.
        places: The place of each part.
    """

    aside: str
    parts: list[str]
    leave: list[str]
    places: dict[str, str]


def is_pending(data_dir: Path) -> bool:
    """Return whether a restored installation waits to be moved to its place."""
    return (data_dir / _READY).exists()


def is_begun(data_dir: Path) -> bool:
    """Return whether a restore is running, or was interrupted before the switch."""
    return (data_dir / _NEW).exists()


def staging_folder(data_dir: Path) -> Path:
    """Make an empty folder for the new installation."""
    discard(data_dir)
    return private_folder(data_dir / _NEW)


def discard(data_dir: Path) -> None:
    """Remove what an incomplete restore has left, if anything.

    Raises:
        StartError: It cannot be removed.
    """
    discard_installation(data_dir / _NEW)


def discard_installation(folder: Path) -> None:
    """Remove a folder with an installation that nobody uses, if it is there.

    Raises:
        StartError: It cannot be removed.
    """
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
    """Put the contents of `staging_folder` into place; return the folder of the old, or None."""
    decide(data_dir, where, leave)
    return finish(data_dir)


def decide(data_dir: Path, where: Mapping[str, Path], leave: list[str]) -> None:
    """Have the contents of `staging_folder` put into place by whoever calls `finish` next."""
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


def finish(data_dir: Path) -> Path | None:
    """Move a waiting installation to its place; this may be repeated after any interruption.

    Only the process that holds the data folder may call this. Returns the folder of the old, or
    None.

    Raises:
        StartError: Something cannot be moved.
    """
    ready = data_dir / _READY
    if not ready.exists():
        return None
    try:
        plan_file = ready / _PLAN
        if not plan_file.exists():  # everything was moved, but this folder was not removed
            shutil.rmtree(ready)
            return None
        plan = msgspec.json.decode(plan_file.read_bytes(), type=Plan)
        aside = data_dir / plan.aside
        for name in PARTS:
            # One that was interrupted in an earlier version knows fewer parts.
            if name not in plan.leave and name in plan.places:
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
        return  # it has been moved already
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
