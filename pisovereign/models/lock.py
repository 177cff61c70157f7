"""One process at a time may change the models folder."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pisovereign.models.errors import ModelError


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold the folder, which is made if needed; raises ModelError when another process does.

    The system lets go of it when this process ends, however it ends.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ModelError(
                f"another process is fetching models into {folder}; try again when it is done"
            ) from error
        yield
