"""Take a model that somebody drops onto the page, piece by piece."""

from __future__ import annotations

import contextlib

from pisovereign.errors import Conflict, ValidationFailed
from pisovereign.models.adding import Adder
from pisovereign.models.device import device_memory
from pisovereign.models.errors import ModelError
from pisovereign.models.pull import models_folder_lock
from pisovereign.models.store import ModelStore
from pisovereign.models.upload import Upload
from pisovereign.models.upload_types import UploadQuery, UploadState


class ModelUpload:
    """Takes one file at a time.

    Args:
        store: Where models are kept.
        context: The configured tokens of a conversation; 0: the model's own.
    """

    def __init__(self, store: ModelStore, context: int) -> None:
        self._store = store
        self._context = context
        self._upload: Upload | None = None

    async def take(self, query: UploadQuery, piece: bytes) -> UploadState:
        """Take a piece; with the last one the model is there.

        Raises:
            ValidationFailed: The model is of no use; nothing of it stays.
            Conflict: A model is being fetched.
        """
        about = (query.size, query.name, query.wish)
        if self._upload is None or self._upload.about != about or query.offset == 0:
            adder = Adder(self._store, device_memory(), context=self._context)
            self._upload = Upload(adder, *about)
        with contextlib.ExitStack() as holding:
            try:
                holding.enter_context(models_folder_lock(self._store.root))
            except ModelError as error:
                raise Conflict(str(error)) from None
            try:
                received = await self._upload.take(query.offset, piece)
            except ModelError as error:
                self._upload = None
                raise ValidationFailed([{"field": "file", "error": str(error)}]) from None
        return UploadState.of(received)
