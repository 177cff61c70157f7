"""A model that comes in pieces: each is a request of its own, and any of them may be the last.

So a phone that falls asleep, a proxy that limits bodies and a restart cost one piece. What is
there decides where the next one begins; nothing else is remembered but a checksum on its way.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from pisovereign.models.adding import Adder
from pisovereign.models.errors import ModelError, UnusableModel
from pisovereign.models.gguf.description import Description
from pisovereign.models.gguf.header import LONGEST_HEADER
from pisovereign.models.manifest import Model
from pisovereign.models.partial_file import in_thread
from pisovereign.models.staging import Staging, Wish

_FIRST_LOOK = 1024 * 1024


class Received(NamedTuple):
    """The outcome of taking in a piece.

    Attributes:
        held: how many bytes are there.
        model: what they have become; None: not yet.
        found: what it is; None: not known yet.
    """

    held: int
    model: Model | None
    found: Description | None = None


class Upload:
    """Takes the pieces of one file, and refuses it as soon as it is known to be of no use.

    The caller holds the models folder (`models_folder_lock`) at each call.

    Args:
        adder: adds the model.
        size: bytes of the file.
        name: of the file.
        wish: what it should be.
    """

    def __init__(self, adder: Adder, size: int, name: str, wish: Wish) -> None:
        self.about = (size, name, wish)
        self._adder = adder
        self._hash = hashlib.sha256()
        self._hashed = 0
        self._description: Description | None = None

    async def take(self, offset: int, piece: bytes) -> Received:
        """Append a piece that begins where the file ends; another one changes nothing.

        Raises:
            ModelError: the model is of no use, or not the one that it should be, or the disk is
                full; nothing of it stays.
        """
        size, name, wish = self.about
        staging = self._adder.stage(size, name, wish)
        try:
            held = staging.part.held
            if offset == held:
                await in_thread(self._append, staging, piece)
                await self._look(staging, held)
            if not staging.part.whole:
                return Received(staging.part.held, None, self._description)
            model = await self._finish(staging)
            return Received(size, model, self._description)
        except ModelError:
            staging.delete()
            raise
        except OSError as error:
            # Most likely the disk is full, and must not stay so.
            staging.delete()
            raise ModelError(f"it cannot be stored: {error.strerror}") from error

    def _append(self, staging: Staging, piece: bytes) -> None:
        held = staging.part.held
        with staging.part.writing_from(held) as out:
            out.write(piece)
        if self._hashed == held:
            self._hash.update(piece)
            self._hashed += len(piece)

    async def _look(self, staging: Staging, before: int) -> None:
        """Read what the file is, as soon as enough of it is there."""
        part = staging.part
        look_at = _FIRST_LOOK
        while look_at <= before:
            look_at *= 2
        if self._description is not None or (part.held < look_at and not part.whole):
            return
        found = await self._adder.look(part.path, part.file.size, hollow=staging.hollow)
        if found is not None:
            self._adder.check(staging.model_id, found)
        elif part.whole:
            raise UnusableModel("it is cut off in its header")
        elif part.held >= LONGEST_HEADER:
            raise UnusableModel("its header is too long")
        self._description = found

    async def _finish(self, staging: Staging) -> Model:
        if self._description is None:
            await self._look(staging, 0)
        assert self._description is not None
        size, _, wish = self.about
        digest = self._hash.hexdigest() if self._hashed == size else ""
        context = self._adder.context
        return await staging.finish(self._description, wish, context, digest=digest)
