"""Adding a model of the owner's choice: from a file, an address, or an upload.

Its beginning is read first, in a process of its own: what it is, and how much memory it takes. Only
what can be used here is fetched. Everything lies in a folder of its own until it is whole and
verified; then one rename of that folder makes it a model, with its checksum on record.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from pisovereign.models.clone import clone
from pisovereign.models.errors import (
    ModelError,
    NotEnoughSpace,
    UnknownModel,
    UnusableModel,
    WrongContent,
)
from pisovereign.models.gguf.description import Description
from pisovereign.models.gguf.header import LONGEST_HEADER
from pisovereign.models.inspection import inspect
from pisovereign.models.manifest import MEMORY_CONTEXT, HttpsSource, Model
from pisovereign.models.progress import Report, silent
from pisovereign.models.recommendation import OTHER_BYTES, holds
from pisovereign.models.staging import Staging, Wish
from pisovereign.models.store import ModelStore
from pisovereign.models.web import RemoteFile, Web
from pisovereign.process.own_program import typed_name

USUAL_CONTEXT = 8192
_SHORTEST_CONTEXT = 1024
_FIRST_LOOK = 1024 * 1024
_MARGIN = 64_000_000  # bytes to leave free for everything else
_NO_ID = re.compile(r"[^a-z0-9._-]+")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Plan(NamedTuple):
    """A plan to add a model, told before anything is fetched."""

    model_id: str
    description: Description
    device_memory: int


Tell = Callable[[Plan], None]


def tell_nobody(_plan: Plan) -> None:
    """Tell nobody."""


class Adder:
    """Adds models to a store, whose folder the caller holds (`models_folder_lock`).

    Args:
        store: where they go.
        device_memory: bytes of memory that this device has in all.
        context: tokens of a conversation, as configured; 0: the model's own.
        report: follows the bytes.
        tell: is told what a model is and takes, before it is fetched.
    """

    def __init__(
        self,
        store: ModelStore,
        device_memory: int,
        *,
        context: int = 0,
        report: Report = silent,
        tell: Tell = tell_nobody,
    ) -> None:
        self._store = store
        self._memory = device_memory
        self._report = report
        self._tell = tell
        self.context = context or USUAL_CONTEXT

    async def add_file(self, path: Path, wish: Wish) -> Model:
        """Add a copy of a file of this machine, sharing its blocks where the filesystem can.

        Raises:
            ModelError: it cannot be used, is another one than `wish` says, or has no room.
        """
        model_id = self._new_id(wish, path.name)
        before = _mark(path)
        size = before.size
        with _naming(str(path)):
            description = await self.look(path, size)
            if description is None:
                raise UnusableModel("it is cut off in its header")
        self.check(model_id, description)
        self._check_space(model_id, size)
        staging = Staging(
            self._store, "file", model_id, size, action="copying", report=self._report
        )
        try:
            with _naming(str(path)):
                await clone(path, staging.part)
                if _mark(path) != before or not staging.part.whole:
                    raise WrongContent("it was changed while it was copied")
                return await staging.finish(description, wish, self.context)
        except OSError as error:
            raise ModelError(f"{path} cannot be copied: {error.strerror}") from error
        finally:
            staging.delete()

    async def add_url(self, url: str, web: Web, wish: Wish) -> Model:
        """Add the file at an address; an earlier attempt that was interrupted is resumed.

        Raises:
            ModelError: it cannot be used, is another one than `wish` says, has no room, or cannot
                be fetched; only then what is there already is kept.
        """
        source = HttpsSource(url=url)
        model_id = self._new_id(wish, str(source).rpartition("/")[2])
        with _naming(str(source)):
            return await self._add_remote(source, web, model_id, wish)

    async def _add_remote(self, source: HttpsSource, web: Web, model_id: str, wish: Wish) -> Model:
        url = source.url
        remote = await web.look(url)
        key = hashlib.sha256(url.encode()).hexdigest()[:16]
        staging = Staging(
            self._store, key, model_id, remote.size, action="fetching", report=self._report
        )
        staging.keep_only(remote)
        try:
            description = await self._look_ahead(web, remote, staging)
            self.check(model_id, description)
            self._check_space(model_id, remote.size - staging.part.held)
            await web.fetch(remote, staging.part)
            return await staging.finish(description, wish, self.context, source=source)
        except (UnusableModel, WrongContent, NotEnoughSpace, OSError):
            # An OSError is of this machine: most likely the disk is full, and must not stay so.
            staging.delete()
            raise

    def stage(self, size: int, name: str, wish: Wish) -> Staging:
        """Return the place for an upload; what came of the same one earlier is there.

        Args:
            size: bytes that will come.
            name: of the file, for the id.
            wish: what it should be.

        Raises:
            ModelError: its id is taken, or it has no room.
        """
        model_id = self._new_id(wish, name)
        key = hashlib.sha256(msgspec.json.encode([size, name, wish])).hexdigest()[:16]
        staging = Staging(self._store, key, model_id, size, action="fetching", report=self._report)
        self._check_space(model_id, size - staging.part.held)
        return staging

    async def look(
        self, path: Path, size: int, *, hollow: Path | None = None
    ) -> Description | None:
        """Return what a file is, and the memory it takes; None: more of its beginning is needed.

        Args:
            path: the file.
            size: bytes of it when it is whole.
            hollow: where a file may be made for a moment, if it is not whole yet.

        Raises:
            UnusableModel: it is broken, or of a kind that nobody here can use.
        """
        contexts = (self.context, MEMORY_CONTEXT, _SHORTEST_CONTEXT)
        return await inspect(path, size, contexts, hollow=hollow)

    def check(self, model_id: str, description: Description) -> None:
        """Tell what is about to be added.

        Raises:
            UnusableModel: this device cannot hold it.
        """
        self._tell(Plan(model_id, description, self._memory))
        least = min(need.total for need in description.needs)
        if not holds(self._memory, least):
            raise UnusableModel(
                f"{model_id} needs {least / 1e9:.1f} GB of memory, and this device has"
                f" {self._memory / 1e9:.1f} GB, {OTHER_BYTES / 1e9:.1f} GB of them for the rest:"
                " choose a smaller one"
            )

    async def _look_ahead(self, web: Web, remote: RemoteFile, staging: Staging) -> Description:
        """Fetch as little of a file as tells what it is."""
        part = staging.part
        until = _FIRST_LOOK
        while True:
            await web.fetch(remote, part, until)
            description = await self.look(part.path, remote.size, hollow=staging.hollow)
            if description is not None:
                return description
            if until >= LONGEST_HEADER:
                raise UnusableModel("its header is too long")
            until *= 2

    def _check_space(self, model_id: str, need: int) -> None:
        self._store.root.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self._store.root).free
        if free < need + _MARGIN:
            raise NotEnoughSpace(
                f"{model_id} needs {(need + _MARGIN) / 1e6:.0f} MB of free space in "
                f"{self._store.root}, which has {free / 1e6:.0f} MB"
            )

    def _new_id(self, wish: Wish, name: str) -> str:
        """Return the id of the new model.

        Raises:
            ModelError: it is taken, or none.
        """
        model_id = wish.model_id or id_from_name(name)
        if not _ID.fullmatch(model_id):
            raise ModelError(f"{model_id!r} cannot be the id of a model: give another id")
        try:
            known = self._store.model(model_id)
        except UnknownModel:
            folder = self._store.root / model_id
            if folder.exists():
                raise ModelError(f"there is a folder {folder}: give another id") from None
            return model_id
        if known.added:
            raise ModelError(f"there is a model {model_id} already: remove it, or give another id")
        raise ModelError(
            f"{model_id} is in the catalog: get it with: "
            f"{typed_name('pisovereign-cli')} models pull {model_id}"
        )


def id_from_name(name: str) -> str:
    """Return the id that a file's name suggests; empty if it suggests none."""
    stem = name.lower().removesuffix(".gguf")
    return _NO_ID.sub("-", stem).strip("-._")[:64]


class _Mark(NamedTuple):
    """The properties of a file that tell whether it was changed."""

    size: int
    inode: int
    changed_ns: int


def _mark(path: Path) -> _Mark:
    if not path.is_file():
        raise ModelError(f"there is no file {path}")
    found = path.stat()
    return _Mark(found.st_size, found.st_ino, found.st_mtime_ns)


@contextlib.contextmanager
def _naming(source: str) -> Iterator[None]:
    """Let errors about a source begin with its name."""
    try:
        yield
    except ModelError as error:
        if str(error).startswith(source):
            raise
        raise type(error)(f"{source}: {error}") from error
