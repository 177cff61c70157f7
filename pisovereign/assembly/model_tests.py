"""What tests models, and what their results are kept under."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pisovereign.assembly.infrastructure import Infrastructure
from pisovereign.config import InferenceConfig
from pisovereign.config.loading import models_dir
from pisovereign.model_tests.abilities import ModelAbilities
from pisovereign.model_tests.questions import load_questions
from pisovereign.model_tests.self_test import ReadCommand, SelfTest
from pisovereign.model_tests.store import TestStore
from pisovereign.model_tests.tool_test import ToolTest
from pisovereign.models.manifest import Manifest
from pisovereign.models.recorded import merge_recorded

WEIGHTS = "model.gguf"


def build_abilities(base: Infrastructure, read_command: ReadCommand) -> ModelAbilities:
    """Return what knows what the model in use may do, and tests it if it may."""
    questions = load_questions()
    identities = ModelIdentities(base.config.inference, base.manifest, models_dir())
    return ModelAbilities(
        TestStore(base.database, questions.fingerprint),
        SelfTest(ToolTest(base.engine, questions), read_command, questions),
        base.current_model,
        identities.of,
        automatic=base.config.inference.self_test,
    )


class ModelIdentities:
    """What the results of each model are kept under: the checksum of its weights.

    Args:
        config: Where the models are.
        catalog: The models that are known beforehand.
        folder: Where the owner's own are.
    """

    def __init__(self, config: InferenceConfig, catalog: Manifest, folder: Path) -> None:
        self._config = config
        self._catalog = catalog
        self._folder = folder
        self._checksums: dict[str, str] = {}

    def of(self, model: str) -> str:
        """Return the checksum; for a model of another server, one of where it is and its name."""
        if not self._config.base_url:
            checksum = self._checksums.get(model) or self._checksum(model)
            if checksum is not None:
                self._checksums[model] = checksum
                return checksum
        # Not as it stands: an address may hold a password.
        return hashlib.sha256(f"{self._config.base_url}\n{model}".encode()).hexdigest()

    def _checksum(self, model: str) -> str | None:
        known = merge_recorded(self._catalog, self._folder).models
        files = (file for entry in known if entry.id == model for file in entry.files)
        return next((file.sha256 for file in files if file.name == WEIGHTS), None)
