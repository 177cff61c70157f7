"""Pulling models: fetch what is missing, verify it, and prepare what needs it."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from pisovereign.models.errors import ModelError, NotEnoughSpace
from pisovereign.models.fetch_folder import holds
from pisovereign.models.manifest import Manifest
from pisovereign.models.progress import Report, TerminalProgress, silent
from pisovereign.models.store import ModelStore

__all__ = ["ensure", "ensure_models", "holds", "models_folder_lock"]


async def ensure(
    store: ModelStore,
    ids: Iterable[str],
    report: Report = silent,
    folder: Path | None = None,
    *,
    held: bool = False,
) -> None:
    """Make sure that every file of these models is there and verified.

    Returns at once, reading no content, when they are. Progress goes to `report`. With `folder`,
    files are taken from there alone, whatever they are called there. The caller may have the folder
    `held` already. Stopped at any
    moment, the next call goes on where this one was. Raises ModelError, one line that says what
    to do: UnknownModel, NotEnoughSpace, DownloadFailed, WrongContent or PreparationFailed.
    """
    missing = store.missing(list(ids))
    if not missing:
        return
    # Imported here: most starts have nothing to fetch, and it brings the whole HTTP client.
    from pisovereign.models.fetch_model import ModelFetch  # noqa: PLC0415

    with contextlib.nullcontext() if held else models_folder_lock(store.root):
        for model in missing:
            await ModelFetch(store, model, report, folder).run()


def ensure_models(
    root: Path, ids: Iterable[str], report: Report | None = None, manifest: Manifest | None = None
) -> None:
    """Do what `ensure` does for the models folder `root`, from code that is not asynchronous.

    Without `report` the progress goes to standard error: a bar in a terminal, lines in a log.
    """
    store, wanted = ModelStore(root, manifest), list(ids)
    if not store.missing(wanted):
        return
    import asyncio  # noqa: PLC0415 - most starts have nothing to fetch

    if report is not None:
        asyncio.run(ensure(store, wanted, report))
        return
    progress = TerminalProgress(sys.stderr)
    try:
        asyncio.run(ensure(store, wanted, progress))
    finally:
        progress.close()


@contextlib.contextmanager
def models_folder_lock(folder: Path) -> Iterator[None]:
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
