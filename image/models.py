"""The models inside the image, with notes that they are verified, as nobody verifies them later."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from pisovereign.models.pull import ensure_models
from pisovereign.models.store import ModelStore

PLACE = Path("usr/share/pisovereign/models")


def fetched(ids: list[str]) -> Path:
    """Return this user's folder of models, with these in it, verified."""
    folder = Path.home() / ".cache" / "pisovereign" / "models"
    folder.mkdir(parents=True, exist_ok=True)
    ensure_models(folder, ids)
    return folder


def install(ids: list[str], root: Path) -> None:
    """Copy models into a root filesystem."""
    store = ModelStore(fetched(ids))
    for name in ids:
        model = store.model(name)
        if problems := store.check(model):
            raise ValueError(f"{name}: {problems}")
        copy(store.home(model), root / PLACE / name)


def copy(source: Path, place: Path) -> None:
    """Copy one model; its files get the image's time, and the notes say so."""
    epoch = int(os.environ["SOURCE_DATE_EPOCH"])
    notes = json.loads((source / ".verified.json").read_text())
    place.mkdir(parents=True)
    for name in sorted(notes):
        shutil.copyfile(source / name, place / name)
        os.utime(place / name, (epoch, epoch))
        notes[name]["mtime_ns"] = epoch * 10**9
    (place / ".verified.json").write_text(json.dumps(notes, indent=1))
    for path in place.iterdir():
        path.chmod(0o644)
