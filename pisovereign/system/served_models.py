"""Which models answer here, as the engine itself tells it."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import msgspec

from pisovereign.config import InferenceConfig
from pisovereign.engine_client.client import EngineClient
from pisovereign.engine_client.switching import SwitchClient
from pisovereign.errors import EngineMisbehaved, EngineUnavailable, ValidationFailed
from pisovereign.model_tests.types import UNTESTED, Capabilities
from pisovereign.models.errors import UnknownModel
from pisovereign.models.store import ModelStore

FALLBACK_CONTEXT = 4096  # for a foreign server that does not tell; `inference.context_length` wins
REFRESH_S = 30.0


class ListedModel(msgspec.Struct, frozen=True):
    """A model that may be named; `parameters` is None when nothing tells how many it has.

    `abilities` is what a test has shown that it may do. `template_warning` says why it is not
    talked to in the way of its own file; empty where it is.
    """

    id: str
    name: str
    parameters: str | None
    context_length: int
    default: bool
    abilities: Capabilities = UNTESTED
    template_warning: str = ""


class ServedModels:
    """The engine's models and context length, remembered until another process has its socket.

    Args:
        config: Which model is configured.
        engine: Tells which one it has.
        store: What is known of models.
        switching: The way to the process that exchanges models.
        socket: Of the built-in engine; None: another server takes its place.
    """

    def __init__(
        self,
        config: InferenceConfig,
        engine: EngineClient,
        store: ModelStore,
        switching: SwitchClient,
        socket: Path | None = None,
    ) -> None:
        self._config = config
        self._store = store
        self._engine = engine
        self._switching = switching
        self._socket = socket
        self._model = config.model
        self._context = 0
        self._template_warning = ""
        self._until = 0.0
        self._place: tuple[int, int] | None = None

    async def require(self, model: str | None) -> None:
        """Accept a model that is in use, or was: then the one in use answers in its place.

        Raises:
            ValidationFailed: It is not available.
            EngineUnavailable: Nobody can tell.
        """
        if not model or model in (self._config.model, self._model):
            return
        if self._config.base_url:
            known = await self._engine.models()
        else:
            state = await self._switching.state()
            known = [state.model, *state.earlier]
        if model not in known:
            raise ValidationFailed([{"field": "model", "error": "is not an available model"}])

    async def resolve(self, model: str | None) -> str:
        """Return the id of the model that answers a request which names one, or None."""
        if self._config.base_url:
            return model or self._config.model
        return await self.active()

    async def active(self) -> str:
        """Return the id of the model in use; while the engine is away, of the last one."""
        if not self._config.base_url:
            with contextlib.suppress(EngineUnavailable, EngineMisbehaved):
                await self._refresh()
        return self._model

    @property
    def last_known(self) -> str:
        """Return the id of the model that was in use when the engine was asked the last time."""
        return self._model

    async def listed(self) -> list[ListedModel]:
        """Return the models that answer, the default one first.

        Raises:
            EngineUnavailable: The engine does not answer.
        """
        default = await self.active()
        others = await self._engine.models() if self._config.base_url else []
        context = await self.context_length()
        return [
            self._describe(model, context, default=model == default)
            for model in dict.fromkeys((default, *others))
        ]

    def _describe(self, model: str, context: int, *, default: bool) -> ListedModel:
        warning = self._template_warning if default else ""
        try:
            self._store.reload()  # it may have been added since
            known = self._store.model(model)
        except UnknownModel:
            name, parameters = model, None
        else:
            name, parameters = known.name, known.parameters
        return ListedModel(model, name, parameters, context, default, template_warning=warning)

    async def context_length(self) -> int:
        """Return how many tokens prompt and answer may have together.

        Raises:
            EngineUnavailable: The engine does not answer.
        """
        if self._config.context_length:
            return self._config.context_length
        await self._refresh()
        return self._context

    async def _refresh(self) -> None:
        """Ask the engine, if that was long ago, or another process has its socket by now."""
        place = self._present_place()
        if time.monotonic() < self._until and place == self._place:
            return
        # While models are exchanged, who asks waits as long as for an answer.
        health = await self._engine.health(self._config.timeout_s if self._socket else None)
        self._context = health.context_length or FALLBACK_CONTEXT
        self._model = health.model or self._config.model
        self._template_warning = health.template_warning
        self._until, self._place = time.monotonic() + REFRESH_S, place

    def _present_place(self) -> tuple[int, int] | None:
        """Return what tells one socket from another at the same path."""
        if self._socket is None:
            return None
        try:
            found = self._socket.stat()
        except OSError:
            return None
        return found.st_ino, found.st_ctime_ns
