"""One process at a time may change the models folder."""

from __future__ import annotations

import errno
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pisovereign.models.errors import ModelError, NotEnoughSpace


@contextmanager
def changing(folder: Path) -> Iterator[None]:
    """Hold the folder, which is made if needed, while the body changes what is in it.

    Raises ModelError when another process holds it, and for what the system refuses meanwhile.
    The system lets go of it when this process ends, however it ends.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
    except BlockingIOError as error:
        raise ModelError(
            f"another process is changing the models in {folder}; try again when it is done"
        ) from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise NotEnoughSpace(f"the disk of {folder} is full") from error
        raise ModelError(f"cannot change the models in {folder}: {error}") from error
