"""Making files that appear together, whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pisovereign.models.partial_file import move_into_place


@contextmanager
def staged_files(folder: Path, names: Sequence[str]) -> Iterator[Path]:
    """Yield a folder for the body to make files in; `names` of them move to `folder` at its end."""
    place = folder / ".preparing"
    shutil.rmtree(place, ignore_errors=True)  # what an interrupted run left
    place.mkdir(parents=True)
    try:
        yield place
        for name in names:
            move_into_place(place / name, folder / name)
    finally:
        shutil.rmtree(place)
