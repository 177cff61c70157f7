"""The computed system prompt on the disk, for the first turn after a start.

Nothing that a user wrote gets here: only a sequence that holds the system prompt and no more.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from pathlib import Path

import msgspec

from pisovereign.engine.llama import Context, DecodeAborted, DecodeFailed
from pisovereign.engine.saved_prompt_file import (
    PROBES,
    ComputedPrompt,
    Unusable,
    agrees,
    pack,
    read,
    take,
)
from pisovereign.engine.snapshots import Snapshot, Snapshots
from pisovereign.errors import StartError
from pisovereign.files import replace_private

logger = logging.getLogger(__name__)

# Files of former prompts and models, which are useful if the configuration goes back.
_FILES = 3
_SUFFIX = ".prompt"


class SavedPrompt:
    """One prompt's file.

    Args:
        context: the context that computes it.
        folder: the engine's own folder.
        identity: everything that the state depends on: model, build, prompt.

    Attributes:
        identity: the same, with the context's layout, as one text.
        path: the file.
    """

    def __init__(self, context: Context, folder: Path, identity: dict[str, str]) -> None:
        self._context = context
        self.identity = msgspec.json.encode(identity | {"layout": context.layout}).decode()
        name = hashlib.blake2b(self.identity.encode(), digest_size=16).hexdigest()
        self.path = folder / (name + _SUFFIX)
        self._writer: threading.Thread | None = None

    def recall(self, snapshots: Snapshots) -> None:
        """Bring what is on the disk into the snapshots, if it is right; nothing may run yet."""
        try:
            kept = read(self.path, self.identity, snapshots.limit)
            self._check(kept)
        except FileNotFoundError:
            return
        except OSError as error:
            logger.warning("%s cannot be read: %s", self.path, error.strerror)
            return
        except Unusable as error:
            logger.warning("the computed system prompt %s is left out: %s", self.path, error)
            self._remove()
            return
        can_be_cut = self._context.can_truncate
        snapshots.put(Snapshot(None, kept.tokens, kept.state, can_be_cut=can_be_cut))
        logger.info("%d tokens of the system prompt are computed already", len(kept.tokens))

    def keep(self, seq: int, snapshot: Snapshot) -> None:
        """Write a snapshot to the disk, in a thread of its own; once in the life of this object.

        Args:
            seq: a sequence that holds just the snapshot's tokens.
            snapshot: the shared system prompt.
        """
        if self._writer is not None:
            return
        try:
            fingerprint = take(self._context, seq, snapshot.tokens)
        except (DecodeAborted, DecodeFailed):
            # The request's client left, or it fails by itself. The next start begins cold.
            return
        finally:
            if not self._context.truncate(seq, len(snapshot.tokens)):
                self._context.restore(seq, snapshot.state)
        prompt = ComputedPrompt(self.identity, list(snapshot.tokens), snapshot.state, fingerprint)
        self._writer = threading.Thread(target=self._write, args=(prompt,), name="kept-prompt")
        self._writer.start()

    def close(self) -> None:
        """Wait until what is being written is on the disk."""
        if self._writer is not None:
            self._writer.join()

    def _check(self, kept: ComputedPrompt) -> None:
        context, tokens = self._context, kept.tokens
        if len(tokens) + PROBES > context.length or max(tokens) >= context.vocabulary:
            raise Unusable("it does not fit into the context")
        try:
            if not context.restore(0, kept.state) or context.state_size(0) != len(kept.state):
                raise Unusable("llama.cpp refuses it")
            if not agrees(context, 0, tokens, kept.fingerprint):
                raise Unusable("the model thinks otherwise than when it was written")
        except DecodeFailed as error:
            raise Unusable(str(error)) from None
        finally:
            context.truncate(0, 0)

    def _write(self, prompt: ComputedPrompt) -> None:
        try:
            replace_private(self.path, pack(prompt))
            self._tidy()
        except (OSError, StartError) as error:
            logger.warning("the computed system prompt is not kept: %s", error)

    def _remove(self) -> None:
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            logger.warning("%s cannot be removed: %s", self.path, error.strerror)

    def _tidy(self) -> None:
        """Remove all but the newest files, and what a sudden end left of others."""
        entries = [path for path in self.path.parent.iterdir() if _SUFFIX in path.name]
        whole = [path for path in entries if path.suffix == _SUFFIX]
        whole.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for path in {*entries} - {*whole[:_FILES]}:
            path.unlink(missing_ok=True)
