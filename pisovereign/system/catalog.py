"""Which models answer here, as the engine itself tells it."""

from __future__ import annotations

import time

from pisovereign.config import InferenceConfig
from pisovereign.engine.client import EngineClient
from pisovereign.errors import ValidationFailed

FALLBACK_CONTEXT = 4096  # for a foreign server that does not tell; `inference.context_length` wins
REFRESH_S = 30.0


class ModelCatalog:
    """The engine's models and context length, remembered for a short while."""

    def __init__(self, config: InferenceConfig, engine: EngineClient) -> None:
        self._config = config
        self._engine = engine
        self._context = 0
        self._context_until = 0.0

    async def require(self, model: str) -> None:
        """Accept a model that the engine serves.

        Raises:
            ValidationFailed: it does not.
        """
        # The built-in engine has one model for chat, and lists the one for embeddings beside it.
        known = model == self._config.model or (
            self._config.base_url and model in await self._engine.models()
        )
        if known:
            return
        raise ValidationFailed([{"field": "model", "error": "is not an available model"}])

    async def context_length(self) -> int:
        """How many tokens prompt and answer may have together."""
        if self._config.context_length:
            return self._config.context_length
        if time.monotonic() >= self._context_until:
            health = await self._engine.health()
            self._context = health.context_length or FALLBACK_CONTEXT
            self._context_until = time.monotonic() + REFRESH_S
        return self._context
