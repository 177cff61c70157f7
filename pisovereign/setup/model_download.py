"""Fetch the files of a model in the background, and copy models that came with the device."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from pisovereign.errors import Conflict, ValidationFailed
from pisovereign.files import sync
from pisovereign.models.errors import ModelError, UnknownModel
from pisovereign.models.manifest import Model
from pisovereign.models.progress import Step
from pisovereign.models.pull import ensure, holds, models_folder_lock
from pisovereign.models.store import ModelStore, State
from pisovereign.setup.types import DownloadState, ModelRequest

_MEDIA_CHECK_S = 3.0  # between two searches of a memory stick


class ModelDownload:
    """Downloads one model at a time, and resumes where an earlier download stopped.

    Args:
        store: Where models are kept.
        embeddings: The embedding models, which are always needed as well.
        bundled: A folder with models that came with the device, or None.
        media: The folder in which memory sticks are mounted, or None.
    """

    def __init__(
        self,
        store: ModelStore,
        embeddings: Sequence[str],
        bundled: Path | None,
        media: Path | None,
    ) -> None:
        self._store = store
        self._embeddings = tuple(embeddings)
        self._bundled = bundled
        self._media = media
        self._task: asyncio.Task[None] | None = None
        self._media_checked_at = -_MEDIA_CHECK_S
        self._on_media: set[str] = set()
        self.state: DownloadState | None = None

    def start(self) -> None:
        """Begin to copy the models that came with the device."""
        if self._bundled is not None and self._bundled.is_dir():
            self.state = DownloadState(model="", status="running", action="verifying")
            task = self._copy_bundled(self._bundled)
            self._task = asyncio.get_running_loop().create_task(task)

    async def stop(self) -> None:
        """Stop the present download; the next one resumes it."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if self.state is not None and self.state.status == "running":
            self.state = None

    def begin(self, request: ModelRequest) -> None:
        """Begin to fetch a model.

        Raises:
            ValidationFailed: There is no such chat model, or no folder for memory sticks.
            Conflict: Another download is running.
        """
        model = self.chat_model(request.model)
        if request.source == "media" and self._media is None:
            raise ValidationFailed([{"field": "source", "error": "there is no place for media"}])
        if self._task is not None and not self._task.done():
            raise Conflict("A model is being fetched already")
        folder = self._media if request.source == "media" else None
        self.state = DownloadState(model=model.id, status="running")
        self._task = asyncio.get_running_loop().create_task(self._fetch(model, folder))

    def chat_model(self, identifier: str) -> Model:
        """Return the chat model with an id.

        Raises:
            ValidationFailed: There is none.
        """
        try:
            model = self._store.model(identifier)
        except UnknownModel as error:
            raise ValidationFailed([{"field": "model", "error": str(error)}]) from None
        if model.kind != "chat":
            raise ValidationFailed([{"field": "model", "error": "is not for chat"}])
        return model

    def require(self, model: Model) -> None:
        """Require that the model and the embedding models are present and verified.

        Raises:
            Conflict: One of them is not.
        """
        for needed in (model, *map(self._store.model, self._embeddings)):
            if self._store.state(needed) is not State.VERIFIED:
                raise Conflict(f"The model {needed.id} is not there yet")

    def models_on_media(self) -> set[str]:
        """Return the ids of the chat models whose files may be on a memory stick."""
        if self._media is not None and time.monotonic() - self._media_checked_at > _MEDIA_CHECK_S:
            media = self._media
            self._on_media = {
                model.id
                for model in self._store.manifest.of_kind("chat")
                if all(holds(media, file) for file in model.kept)
            }
            self._media_checked_at = time.monotonic()
        return self._on_media

    async def _copy_bundled(self, folder: Path) -> None:
        try:
            await asyncio.to_thread(copy_bundled_models, self._store, folder)
        except ModelError as error:
            self.state = DownloadState(model="", status="failed", error=str(error))
            return
        self.state = None

    async def _fetch(self, model: Model, folder: Path | None) -> None:
        try:
            await ensure(self._store, [model.id], self._record, folder)
            await ensure(self._store, self._embeddings, self._record)
        except ModelError as error:
            self.state = DownloadState(model=model.id, status="failed", error=str(error))
            return
        except OSError as error:  # a stick that was pulled out, a disk that fails
            self.state = DownloadState(
                model=model.id, status="failed", error=error.strerror or "I/O error"
            )
            return
        self.state = DownloadState(model=model.id, status="done")

    def _record(self, step: Step) -> None:
        if self._task is None:
            return  # a late report of a download that was stopped
        self.state = DownloadState(
            model=step.model,
            status="running",
            action=step.action,
            file=step.file,
            done=step.done,
            total=step.total,
        )


def copy_bundled_models(store: ModelStore, folder: Path) -> None:
    """Copy the models in `folder` that the store lacks, each completely or not at all.

    They are copied and not linked: the next version of the image may hold others.

    Raises:
        ModelError: A model cannot be written, or another process is changing the models.
    """
    with models_folder_lock(store.root):
        for model in store.manifest.models:
            source, home = folder / model.id, store.home(model)
            if source.is_dir() and store.state(model) in (State.ABSENT, State.PARTIAL):
                part = store.root / f".{model.id}.seed"
                shutil.rmtree(part, ignore_errors=True)  # what an interrupted run left
                shutil.copytree(source, part)
                for path in part.iterdir():
                    sync(path)
                sync(part)
                shutil.rmtree(home, ignore_errors=True)
                part.rename(home)
                sync(store.root)
            if store.state(model) is State.PRESENT:
                store.check(model)  # an image may not keep times to the nanosecond
