"""Tune the engine once, and build its command line from the settings."""

from __future__ import annotations

import sys
from pathlib import Path

from pisovereign.errors import StartError
from pisovereign.files import private_folder
from pisovereign.logs import set_up_logging
from pisovereign.models.embeddings import fetched_embeddings
from pisovereign.models.store import ModelStore
from pisovereign.supervisor.engine_command import EngineOptions, engine_argv
from pisovereign.supervisor.tuning import Tuner


def engine_command(options: EngineOptions, *, models: Path, state: Path, socket: Path) -> list[str]:
    """Return the command line of the engine; the first time, this takes up to three minutes.

    Args:
        options: The settings.
        models: The folder of the models, which is only read.
        state: The folder of the engine.
        socket: The socket to listen on.

    Raises:
        StartError: Settings contradict each other, or a model is missing.
    """
    set_up_logging(options.telemetry.log_level, options.telemetry.log_format)
    store = ModelStore(models)
    choices = options.config().memory.embedding_choices
    embeddings = fetched_embeddings(store.manifest, [choice.model for choice in choices])
    missing = store.missing([options.model, *embeddings])
    if missing:
        ids = " ".join(model.id for model in missing)
        raise StartError(f"not in {models}: {ids}; get it with: pisovereign-cli models pull {ids}")
    tuner = Tuner(options.config(), private_folder(state), store)
    arguments = engine_argv(
        options,
        store,
        tuner,
        tuner.choose(),
        socket=socket,
        state_dir=private_folder(state / "prompt"),
    )
    # Only the engine has this account, so its group can mean: who may use the engine.
    return [sys.executable, "-m", "pisovereign.engine.main", *arguments, "--group-socket"]
