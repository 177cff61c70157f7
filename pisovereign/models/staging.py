"""Where a model lies that is being added, until it is one."""

from __future__ import annotations

import shutil
from typing import NamedTuple

from pisovereign.files import sha256_of, sync
from pisovereign.models.errors import ModelError, WrongContent
from pisovereign.models.gguf.description import Description, parameters_text
from pisovereign.models.manifest import MEMORY_CONTEXT, Model, ModelFile, Source
from pisovereign.models.partial_file import PartialFile, in_thread, make_home
from pisovereign.models.progress import Action, Report, Step
from pisovereign.models.recorded import write_recorded
from pisovereign.models.store import ModelStore, stamp_folder
from pisovereign.models.web import RemoteFile, keep_only

FILE = "model.gguf"
FOLDER = ".adding"
_SOURCE = "source.json"


class Wish(NamedTuple):
    """The owner's statements about a model: its checksum and its id, or nothing."""

    sha256: str = ""
    model_id: str = ""


class Staging:
    """A folder that becomes the model's own in one step, with file, checksum and entry.

    Args:
        store: where the model goes.
        key: tells one source from another; what was left of the same one stays, no other.
        model_id: the id of the new model.
        size: bytes of its file.
        action: what is done to get it.
        report: follows the bytes.

    Attributes:
        part: the model file, as far as it is there.
        hollow: where a file may be made for a moment while `part` is looked at.
    """

    def __init__(
        self,
        store: ModelStore,
        key: str,
        model_id: str,
        size: int,
        *,
        action: Action,
        report: Report,
    ) -> None:
        self.model_id = model_id
        self._store = store
        self._report = report
        self._folder = store.root / FOLDER / key
        make_home(self._folder)
        for other in self._folder.parent.iterdir():
            if other != self._folder:
                shutil.rmtree(other)
        self.hollow = self._folder / "hollow.gguf"
        self.part = PartialFile(
            self._folder / f"{FILE}.part",
            ModelFile(name=FILE, size=size),
            lambda done, total: report(Step(model_id, FILE, action, done, total)),
        )

    def keep_only(self, remote: RemoteFile) -> None:
        """Delete what an earlier attempt left, unless it is of this version of the file."""
        keep_only(remote, self.part, self._folder / _SOURCE)

    async def finish(
        self,
        description: Description,
        wish: Wish,
        context: int,
        *,
        source: Source | None = None,
        digest: str = "",
    ) -> Model:
        """Verify the whole file, record it, and make it a model.

        Args:
            description: of the file.
            wish: what it should be.
            context: tokens of a conversation, if the model can have so many.
            source: where it can be had again.
            digest: its checksum, where that is known already.

        Raises:
            WrongContent: the checksum is another one than the owner says.
        """
        if not digest:
            self._report(Step(self.model_id, FILE, "verifying"))
            digest = await in_thread(sha256_of, self.part.path)
        if wish.sha256 and digest != wish.sha256:
            raise WrongContent(f"wrong checksum: sha256 is {digest}, not {wish.sha256}")
        file = ModelFile(
            name=FILE,
            size=description.size,
            sha256=digest,
            sources=(source,) if source else (),
            recorded=not wish.sha256,
        )
        model = _entry(self.model_id, description, file, context)
        await in_thread(self._settle, model)
        self._store.reload()
        return self._store.model(self.model_id)

    def delete(self) -> None:
        """Delete what is there and did not become a model."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _settle(self, model: Model) -> None:
        home = self._store.home(model)
        self.part.finish()
        (self._folder / _SOURCE).unlink(missing_ok=True)
        stamp_folder(self._folder, FILE, model.files[0].checksum)
        write_recorded(self._folder, model)
        sync(self._folder)
        self._folder.rename(home)
        sync(home.parent)


def _entry(model_id: str, description: Description, file: ModelFile, context: int) -> Model:
    needs = {need.context: need.total for need in description.needs}
    return Model(
        id=model_id,
        name=description.name,
        kind="chat",
        parameters=parameters_text(description.parameters),
        context_length=min(description.context_length, context),
        license=description.license,
        files=(file,),
        languages=description.languages or None,
        memory=needs.get(MEMORY_CONTEXT) or max(needs.values()),
        active_bytes=description.active_bytes,
        added=True,
    )


def remove_model(store: ModelStore, model_id: str) -> int:
    """Delete a model's files, and its entry if it was added; return the bytes that this frees.

    Raises:
        UnknownModel: there is no such model.
        ModelError: nothing of it is there, or it is part of the system.
    """
    model = store.model(model_id)
    home = store.home(model)
    if not home.is_dir():
        raise ModelError(f"nothing of {model_id} is there")
    if store.is_of_the_system(model):
        raise ModelError(f"{model_id} came with the system, and takes no room of yours")
    gone = store.root / FOLDER / f"removed-{model_id}"
    shutil.rmtree(gone, ignore_errors=True)
    gone.parent.mkdir(exist_ok=True)
    # Out of sight in one step: what is deleted file by file might be seen half.
    home.rename(gone)
    sync(store.root)
    store.reload()
    size = sum(path.stat().st_size for path in gone.iterdir() if path.is_file())
    shutil.rmtree(gone)
    return size
