"""Fetching models of the catalog, told line by line as Ollama does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from pisovereign.dialects.ollama.installed import EMBEDDING_ALIASES, plain_name
from pisovereign.dialects.ollama.reply_types import Progress
from pisovereign.errors import Conflict, NotFound, UpstreamError
from pisovereign.models.errors import UnknownModel
from pisovereign.models.manifest import Model
from pisovereign.models.store import State
from pisovereign.models.work import ModelWork, WorkState

_LOOK_S = 0.25
_STATUS = {"verifying": "verifying sha256 digest", "preparing": "writing manifest"}
SUCCESS = Progress("success")


class Pulling:
    """Fetches models that the program knows, and no others.

    Args:
        work: Does what takes long.
    """

    def __init__(self, work: ModelWork) -> None:
        self._work = work

    def find(self, name: str) -> Model:
        """Return a model of the catalog.

        Raises:
            NotFound: The catalog has none of this name; models of one's own are added elsewhere.
        """
        wanted = plain_name(name)
        wanted = EMBEDDING_ALIASES.get(wanted, wanted)
        self._work.store.reload()
        try:
            model = self._work.store.model(wanted)
        except UnknownModel:
            known = ", ".join(m.id for m in self._work.store.manifest.models if not m.added)
            text = f"model '{name}' is not in the catalog; known are: {known}"
            raise NotFound(text) from None
        if model.added:
            raise NotFound(f"model '{name}' was added by hand, and is not in the catalog")
        return model

    async def follow(self, model: Model) -> AsyncGenerator[Progress]:
        """Fetch a model, unless it is there, and yield how far it got; the last is `SUCCESS`.

        Who leaves does not stop it: it goes on in the background, and whoever asks again joins.

        Raises:
            Conflict: Something else is done to the models, or somebody stopped it.
            UpstreamError: It could not be fetched.
        """
        yield Progress("pulling manifest")
        if await asyncio.to_thread(self._work.store.state, model) is not State.VERIFIED:
            state = self._begin(model)
            last: Progress | None = None
            while state.status == "running":
                if (progress := _progress(model, state)) != last:
                    last = progress
                    yield progress
                await asyncio.sleep(_LOOK_S)
                state = self._state(model)
            if state.status != "done":
                raise _failed(state)
        yield SUCCESS

    def _begin(self, model: Model) -> WorkState:
        """Begin, or join what goes on.

        Raises:
            Conflict: something else is done to the models.
        """
        try:
            return self._work.pull(model.id)
        except Conflict:
            state = self._work.state()
            if state is None or not _is_fetch_of(model, state):
                raise
            return state

    def _state(self, model: Model) -> WorkState:
        state = self._work.state()
        if state is None or state.kind != "pull":
            raise Conflict(f"The fetch of {model.id} cannot be followed any more")
        return state


def _is_fetch_of(model: Model, state: WorkState) -> bool:
    return (state.kind, state.model, state.status) == ("pull", model.id, "running")


def _progress(model: Model, state: WorkState) -> Progress:
    digest = f"sha256:{model.files[0].sha256 or '0' * 64}"
    if state.action in _STATUS:
        return Progress(_STATUS[state.action])
    if not state.total:
        return Progress("pulling manifest")
    return Progress(f"pulling {digest[7:19]}", digest, state.total, state.done)


def _failed(state: WorkState) -> Conflict | UpstreamError:
    if state.status == "stopped":
        return Conflict(f"The fetch of {state.model} was stopped; ask again to go on")
    return UpstreamError(f"{state.model} could not be fetched: {state.error}")
