"""Construction of the tests of models, and of what their results are kept under."""

from __future__ import annotations

import hashlib

from pisovereign.assembly.infrastructure import Infrastructure
from pisovereign.config import InferenceConfig
from pisovereign.model_tests.abilities import ModelAbilities
from pisovereign.model_tests.questions import load_questions
from pisovereign.model_tests.self_test import ReadCommand, SelfTest
from pisovereign.model_tests.store import TestStore
from pisovereign.model_tests.tool_test import ToolTest
from pisovereign.models.errors import UnknownModel
from pisovereign.models.store import ModelStore

WEIGHTS = "model.gguf"


def build_abilities(base: Infrastructure, read_command: ReadCommand) -> ModelAbilities:
    """Return what knows what the model in use may do, and tests it if it may."""
    questions = load_questions()
    identities = ModelIdentities(base.config.inference, base.model_store)
    return ModelAbilities(
        TestStore(base.database, questions.fingerprint),
        SelfTest(ToolTest(base.engine, questions), read_command, questions),
        base.current_model,
        identities.of,
        automatic=base.config.inference.self_test,
    )


class ModelIdentities:
    """The identities that results of models are kept under: checksums of the models' weights.

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
