"""A model in this process and an engine in another, each loaded once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pisovereign.engine.compute_settings import ComputeSettings
from pisovereign.engine.llama import Context, Model
from pisovereign.engine.templates import TEMPLATES
from tests.engine.support import MODEL, EngineProcess, public_prompt_hash

SETTINGS = ComputeSettings(threads=1, batch_threads=1)


@pytest.fixture(scope="session")
def model(models_dir: Path) -> Iterator[Model]:
    loaded = Model(models_dir / MODEL / "model.gguf")
    loaded.vocab.fit(TEMPLATES["chatml"])
    yield loaded
    loaded.close()


@pytest.fixture
def context(model: Model) -> Iterator[Context]:
    made = Context(model, length=1024, sequences=2, settings=SETTINGS)
    yield made
    made.close()


@pytest.fixture(scope="session")
def engine(models_dir: Path) -> Iterator[EngineProcess]:
    embeddings = [models_dir / name for name in ("all-minilm-l6-v2", "use-multilingual")]
    public = public_prompt_hash()
    running = EngineProcess(
        models_dir,
        *(f"--embedding-dir={folder}" for folder in embeddings),
        "--queue=2",
        f"--public-prompt={public}",
    )
    yield running
    running.stop()
