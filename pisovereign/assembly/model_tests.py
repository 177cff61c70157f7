"""Construction of the tests of models, and of what their results are kept under."""

from __future__ import annotations

from pisovereign.assembly.infrastructure import Infrastructure
from pisovereign.model_tests.abilities import ModelAbilities
from pisovereign.model_tests.identities import ModelIdentities
from pisovereign.model_tests.questions import load_questions
from pisovereign.model_tests.self_test import ReadCommand, SelfTest
from pisovereign.model_tests.store import TestStore
from pisovereign.model_tests.tool_test import ToolTest


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
