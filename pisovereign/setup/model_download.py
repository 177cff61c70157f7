"""Getting a model's files beside the conversation with the page."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from pisovereign.errors import Conflict, ValidationFailed
from pisovereign.models.errors import ModelError, UnknownModel
from pisovereign.models.fetch_folder import holds
from pisovereign.models.manifest import Model
from pisovereign.models.progress import Step
from pisovereign.models.pull import ensure
from pisovereign.models.store import ModelStore, State
from pisovereign.setup.seed import seed
from pisovereign.setup.types import ModelWish, Pull

_LOOK_S = 3.0  # between two looks at a memory stick


class Puller:
    """One pull at a time; it goes on where an earlier one was stopped.

    Args:
        store: Where models are kept.
        embedding: The model for embeddings, which is always needed too.
        seed_folder: Models that came with the device; None: none.
        media: Where memory sticks are found; None: nowhere.
    """

    def __init__(
        self, store: ModelStore, embedding: str, seed_folder: Path | None, media: Path | None
    ) -> None:
        self._store = store
        self._embedding = embedding
        self._seed_folder = seed_folder
        self._media = media
        self._task: asyncio.Task[None] | None = None
        self._looked = -_LOOK_S
        self._on_media: set[str] = set()
        self.state: Pull | None = None

    def start(self) -> None:
        """Begin with what came with the device."""
        if self._seed_folder is not None and self._seed_folder.is_dir():
            self.state = Pull(model="", status="running", action="verifying")
            task = self._seed(self._seed_folder)
            self._task = asyncio.get_running_loop().create_task(task)

    async def stop(self) -> None:
        """End what is under way; it goes on from there next time."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if self.state is not None and self.state.status == "running":
            self.state = None

    def pull(self, wish: ModelWish) -> None:
        """Begin with a model.

        Raises:
            ValidationFailed: there is no such chat model, or there is no memory stick to look at.
            Conflict: another pull is under way.
        """
        model = self.chat_model(wish.model)
        if wish.source == "media" and self._media is None:
            raise ValidationFailed([{"field": "source", "error": "there is no place for media"}])
        if self._task is not None and not self._task.done():
            raise Conflict("A model is being fetched already")
        folder = self._media if wish.source == "media" else None
        self.state = Pull(model=model.id, status="running")
        self._task = asyncio.get_running_loop().create_task(self._pull(model, folder))

    def chat_model(self, identifier: str) -> Model:
        """The chat model with an id.

        Raises:
            ValidationFailed: there is none.
        """
        try:
            model = self._store.model(identifier)
        except UnknownModel as error:
            raise ValidationFailed([{"field": "model", "error": str(error)}]) from None
        if model.kind != "chat":
            raise ValidationFailed([{"field": "model", "error": "is not for chat"}])
        return model

    def require(self, model: Model) -> None:
        """Make sure that everything is there that answers need.

        Raises:
            Conflict: it is not.
        """
        for needed in (model, self._store.model(self._embedding)):
            if self._store.state(needed) is not State.VERIFIED:
                raise Conflict(f"The model {needed.id} is not there yet")

    def on_media(self) -> set[str]:
        """The chat models whose files may be on a memory stick."""
        if self._media is not None and time.monotonic() - self._looked > _LOOK_S:
            media = self._media
            self._on_media = {
                model.id
                for model in self._store.manifest.of_kind("chat")
                if all(holds(media, file) for file in model.kept)
            }
            self._looked = time.monotonic()
        return self._on_media

    async def _seed(self, folder: Path) -> None:
        try:
            await asyncio.to_thread(seed, self._store, folder)
        except ModelError as error:
            self.state = Pull(model="", status="failed", error=str(error))
            return
        self.state = None

    async def _pull(self, model: Model, folder: Path | None) -> None:
        try:
            await ensure(self._store, [model.id], self._note, folder)
            await ensure(self._store, [self._embedding], self._note)
        except ModelError as error:
            self.state = Pull(model=model.id, status="failed", error=str(error))
            return
        except OSError as error:  # a stick that was pulled out, a disk that fails
            self.state = Pull(model=model.id, status="failed", error=error.strerror or "I/O error")
            return
        self.state = Pull(model=model.id, status="done")

    def _note(self, step: Step) -> None:
        if self._task is None:
            return  # the last words of what was stopped
        self.state = Pull(
            model=step.model,
            status="running",
            action=step.action,
            file=step.file,
            done=step.done,
            total=step.total,
        )
