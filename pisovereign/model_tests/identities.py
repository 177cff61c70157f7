"""Identities of models, under which the results of their tests are kept."""

from __future__ import annotations

import hashlib

from pisovereign.config import InferenceConfig
from pisovereign.models.errors import UnknownModel
from pisovereign.models.store import ModelStore

WEIGHTS = "model.gguf"


class ModelIdentities:
    """Identities of models, under which their results are kept: checksums of their weights.

    Args:
        config: Whether another server has the models.
        store: The models.
    """

    def __init__(self, config: InferenceConfig, store: ModelStore) -> None:
        self._config = config
        self._store = store

    def of(self, model: str) -> str:
        """Return the checksum; for a model of another server, one of where it is and its name."""
        if not self._config.base_url:
            checksum = self._checksum(model)
            if checksum is not None:
                return checksum
        # Not as it stands: an address may hold a password.
        return hashlib.sha256(f"{self._config.base_url}\n{model}".encode()).hexdigest()

    def _checksum(self, model: str) -> str | None:
        # Another file may have the same name since: what was tested was not that one.
        self._store.reload()
        try:
            files = self._store.model(model).files
        except UnknownModel:
            return None
        return next((file.sha256 for file in files if file.name == WEIGHTS), None)
