"""Work on the models folder in the background, one thing at a time, and its progress.

How far is written into the folder itself, so that every process that serves can tell of it. What
was interrupted goes on when it is asked for again.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from typing import Literal

import msgspec

from pisovereign.config import Config
from pisovereign.errors import Conflict, ValidationFailed
from pisovereign.models.adding import Adder, Plan
from pisovereign.models.errors import ModelError
from pisovereign.models.gguf.description import Description
from pisovereign.models.manifest import Model
from pisovereign.models.partial_file import in_thread
from pisovereign.models.progress import Action, Step
from pisovereign.models.pull import ensure, models_folder_lock
from pisovereign.models.staging import Wish, remove_model
from pisovereign.models.store import ModelStore
from pisovereign.models.upload import Received, Upload
from pisovereign.models.web import open_web
from pisovereign.process.work_note import WorkNote

Kind = Literal["add", "pull", "verify", "upload"]
Status = Literal["running", "done", "failed", "stopped"]
_STATE, _STOP = ".work.json", ".work.stop"


class WorkState(msgspec.Struct, frozen=True, kw_only=True):
    """The work that is or was done last.

    Attributes:
        model: the id of the model; empty until it is known.
        action: what is done just now.
        done: bytes of `total` that are there; both 0 where they do not apply.
        error: why it failed.
        found: what a model that is being added is and takes.
    """

    kind: Kind
    model: str
    status: Status
    action: Action | None = None
    done: int = 0
    total: int = 0
    error: str | None = None
    found: Description | None = None


class _Stopped(Exception):
    """Somebody asked for it to be stopped."""


class ModelWork:
    """Adds, fetches, verifies and removes models.

    Args:
        store: the models.
        config: the configuration.
        memory: bytes of memory that this device has in all.
    """

    def __init__(self, store: ModelStore, config: Config, memory: int) -> None:
        self.store = store
        self._config = config
        self._memory = memory
        self._task: asyncio.Task[None] | None = None
        self._now: WorkState | None = None
        self._noted = WorkNote(store.root / _STATE, WorkState)
        self._upload: Upload | None = None

    def start(self) -> None:
        """Begin nothing: there is work when somebody asks for it."""

    async def stop(self) -> None:
        """Stop what is being done; it goes on when it is asked for again."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def state(self) -> WorkState | None:
        """Return what is or was done last, by whichever process; None: nothing ever was."""
        state = self._noted.read()
        if state is None:
            return None
        if state.status == "running" and not self._is_held():
            return msgspec.structs.replace(state, status="stopped", action=None)
        return state

    def add(self, url: str, wish: Wish) -> WorkState:
        """Begin to add the model at an address.

        Raises:
            Conflict: something else is being done.
        """

        async def work() -> None:
            async with open_web(self._config) as web:
                await self._adder().add_url(url, web, wish)

        return self._begin("add", wish.model_id, work)

    def pull(self, model_id: str) -> WorkState:
        """Begin to fetch a model.

        Raises:
            UnknownModel: there is no such model.
            Conflict: something else is being done.
        """
        self._known(model_id)

        async def work() -> None:
            await ensure(self.store, [model_id], self._record, held=True)

        return self._begin("pull", model_id, work)

    def verify(self, model_id: str) -> WorkState:
        """Begin to read a model's files in full.

        Raises:
            UnknownModel: there is no such model.
            Conflict: something else is being done.
        """
        model = self._known(model_id)

        async def work() -> None:
            self._record(Step(model_id, "", "verifying"))
            problems = await in_thread(self.store.check, model)
            if problems:
                lines = (f"{name}: {problem}" for name, problem in problems.items())
                raise ModelError("; ".join(lines))

        return self._begin("verify", model_id, work)

    async def remove(self, model_id: str) -> None:
        """Delete a model's files.

        Raises:
            UnknownModel: there is no such model.
            ModelError: nothing of it is there.
            Conflict: something else is being done.
        """
        self._known(model_id)
        with self._held():
            await in_thread(remove_model, self.store, model_id)

    async def take(
        self, size: int, name: str, wish: Wish, *, offset: int, piece: bytes
    ) -> Received:
        """Take a piece of a file that is uploaded.

        Raises:
            ValidationFailed: the model is of no use; nothing of it stays.
            Conflict: something else is being done.
        """
        if self._upload is None or self._upload.about != (size, name, wish) or offset == 0:
            self._upload = Upload(self._adder(), size, name, wish)
        with self._held():
            self._now = WorkState(kind="upload", model=wish.model_id, status="running")
            try:
                received = await self._upload.take(offset, piece)
            except ModelError as error:
                self._upload = None
                self._end("failed", str(error))
                raise ValidationFailed([{"field": "file", "error": str(error)}]) from None
            if received.model is not None:
                self._upload = None
                self._end("done")
        return received

    def cancel(self) -> None:
        """Stop what is being done, in whichever process."""
        if self._is_held():
            (self.store.root / _STOP).touch()

    def _known(self, model_id: str) -> Model:
        """Return a model, which another process may have added since."""
        self.store.reload()
        return self.store.model(model_id)

    def _adder(self) -> Adder:
        return Adder(
            self.store,
            self._memory,
            context=self._config.engine.context_length,
            report=self._record,
            tell=self._tell,
        )

    def _begin(self, kind: Kind, model: str, work: Callable[[], Awaitable[None]]) -> WorkState:
        holding = contextlib.ExitStack()
        holding.enter_context(self._held())
        self._now = WorkState(kind=kind, model=model, status="running")
        self._write()
        self._task = asyncio.get_running_loop().create_task(self._run(work, holding))
        return self._now

    async def _run(
        self, work: Callable[[], Awaitable[None]], holding: contextlib.ExitStack
    ) -> None:
        with holding:
            try:
                await work()
            except ModelError as error:
                self._end("failed", str(error))
            except OSError as error:
                self._end("failed", error.strerror or "I/O error")
            except (asyncio.CancelledError, _Stopped):
                self._end("stopped")
            else:
                self._end("done")

    def _tell(self, plan: Plan) -> None:
        if self._now is not None:
            self._now = msgspec.structs.replace(
                self._now, model=plan.model_id, found=plan.description
            )
            self._write()

    def _record(self, step: Step) -> None:
        """Note how far it got; every so often, and when it is another thing that is done."""
        now = self._now
        if now is None or now.status != "running":
            return
        same = (now.model, now.action) == (step.model, step.action)
        self._now = msgspec.structs.replace(
            now, model=step.model, action=step.action, done=step.done, total=step.total
        )
        if not same or self._noted.is_due:
            self._write()
            if (self.store.root / _STOP).exists():
                raise _Stopped

    def _end(self, status: Status, error: str | None = None) -> None:
        assert self._now is not None
        self._now = msgspec.structs.replace(self._now, status=status, error=error, action=None)
        self.store.reload()
        self._write()

    def _write(self) -> None:
        assert self._now is not None
        self._noted.write(self._now)

    @contextlib.contextmanager
    def _held(self) -> Iterator[None]:
        """Hold the models folder.

        Raises:
            Conflict: somebody else does.
        """
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(models_folder_lock(self.store.root))
            except ModelError as error:
                raise Conflict(str(error)) from None
            (self.store.root / _STOP).unlink(missing_ok=True)
            yield

    def _is_held(self) -> bool:
        """Return whether somebody is changing the models."""
        try:
            with models_folder_lock(self.store.root):
                return False
        except ModelError:
            return True
