"""Which models answer here, as the engine itself tells it."""

from __future__ import annotations

import time

import msgspec

from pisovereign.config import InferenceConfig
from pisovereign.engine_client.client import EngineClient
from pisovereign.errors import ValidationFailed
from pisovereign.model_tests.types import UNTESTED, Capabilities
from pisovereign.models.errors import UnknownModel
from pisovereign.models.manifest import Manifest

FALLBACK_CONTEXT = 4096  # for a foreign server that does not tell; `inference.context_length` wins
REFRESH_S = 30.0


class ListedModel(msgspec.Struct, frozen=True):
    """A model that may be named; `parameters` is None when nothing tells how many it has.

    `abilities` is what a test has shown that it may do.
    """

    id: str
    name: str
    parameters: str | None
    context_length: int
    default: bool
    abilities: Capabilities = UNTESTED


class ModelCatalog:
    """The engine's models and context length, remembered for a short while."""

    def __init__(self, config: InferenceConfig, engine: EngineClient, manifest: Manifest) -> None:
        self._config = config
        self._manifest = manifest
        self._engine = engine
        self._context = 0
        self._context_until = 0.0

    async def require(self, model: str) -> None:
        """Accept a model that the engine serves.

        Raises:
            ValidationFailed: It does not.
        """
        # The built-in engine has one model for chat, and lists the one for embeddings beside it.
        known = model == self._config.model or (
            self._config.base_url and model in await self._engine.models()
        )
        if known:
            return
        raise ValidationFailed([{"field": "model", "error": "is not an available model"}])

    async def listed(self) -> list[ListedModel]:
        """Return the models that `require` accepts, the default one first.

        Raises:
            EngineUnavailable: The engine does not answer.
        """
        default = self._config.model
        others = await self._engine.models() if self._config.base_url else []
        context = await self.context_length()
        return [
            self._describe(model, context, default=model == default)
            for model in dict.fromkeys((default, *others))
        ]

    def _describe(self, model: str, context: int, *, default: bool) -> ListedModel:
        try:
            known = self._manifest.get(model)
        except UnknownModel:
            return ListedModel(model, model, None, context, default)
        return ListedModel(model, known.name, known.parameters, context, default)

    async def context_length(self) -> int:
        """Return how many tokens prompt and answer may have together."""
        if self._config.context_length:
            return self._config.context_length
        if time.monotonic() >= self._context_until:
            health = await self._engine.health()
            self._context = health.context_length or FALLBACK_CONTEXT
            self._context_until = time.monotonic() + REFRESH_S
        return self._context
