"""Entries that this installation recorded: models of the owner's, and checksums of first downloads.

`<root>/<model id>/recorded.json` lies beside the files that it describes, so that a model is there
with its entry or not at all: one rename of its folder decides it.
"""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from pisovereign.models.manifest import Manifest, Model
from pisovereign.models.partial_file import move_into_place

logger = logging.getLogger(__name__)

_NAME = "recorded.json"
_LARGEST = 64 * 1024


def merge_recorded(catalog: Manifest, root: Path) -> Manifest:
    """Return the catalog with the entries recorded in the models folder `root`.

    One of the catalog whose checksums are known there is as the catalog says.
    """
    shipped = {model.id: model for model in catalog.models}
    known = dict(shipped)
    for model in _recorded(root):
        if model.id not in shipped:
            known[model.id] = msgspec.structs.replace(model, added=True)
        elif not shipped[model.id].pinned:
            known[model.id] = msgspec.structs.replace(shipped[model.id], files=model.files)
    return Manifest(models=tuple(known.values()))


def _recorded(root: Path) -> list[Model]:
    found = []
    for path in sorted(root.glob(f"[!.]*/{_NAME}")):
        try:
            if path.stat().st_size > _LARGEST:
                raise ValueError("it is too long")
            model = msgspec.json.decode(path.read_bytes(), type=Model)
            if model.id != path.parent.name or not model.pinned:
                raise ValueError("it is of another model")
        except (OSError, ValueError) as error:
            logger.warning("%s is left out: %s", path, error)
            continue
        found.append(model)
    return found


def write_recorded(folder: Path, model: Model) -> None:
    """Write the entry of a model into its folder, whole or not at all."""
    part = folder / f"{_NAME}.part"
    part.write_bytes(msgspec.json.format(msgspec.json.encode(model)))
    move_into_place(part, folder / _NAME)
