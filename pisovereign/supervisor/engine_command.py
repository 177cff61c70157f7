"""The engine's command line, made from configuration, tuning and the models on the disk."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from pisovereign.config import Config, EngineConfig, InferenceConfig, MemoryConfig, TelemetryConfig
from pisovereign.engine.compute_settings import EngineChoice, compute_argv
from pisovereign.models.embeddings import embedding_folder
from pisovereign.models.store import ModelStore
from pisovereign.supervisor.tuning import Tuner


class EngineOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The part of the configuration about the engine, and nothing that it may not know.

    Attributes:
        model: the id of the chat model.
        embedding_models: as configured.
        engine: the engine's own section.
        public_prompt: sha256 of the system prompt. Its hash, not its text: command lines can be
            read by everybody on the machine.
        telemetry: what is logged, and how.
    """

    model: str
    embedding_models: tuple[str, ...]
    engine: EngineConfig
    public_prompt: str
    telemetry: TelemetryConfig

    def config(self) -> Config:
        """Return the same as a configuration; everything else in it is the default."""
        inference = InferenceConfig(model=self.model)
        memory = MemoryConfig(embedding_models=self.embedding_models)
        return Config(
            inference=inference, memory=memory, engine=self.engine, telemetry=self.telemetry
        )


def engine_options(config: Config) -> EngineOptions:
    """Return what a configuration says about the engine."""
    return EngineOptions(
        model=config.inference.model,
        embedding_models=config.memory.embedding_models,
        engine=config.engine,
        public_prompt=hashlib.sha256(config.chat.system_prompt.encode()).hexdigest(),
        telemetry=config.telemetry,
    )


def engine_argv(
    options: EngineOptions,
    store: ModelStore,
    tuner: Tuner,
    wanted: EngineChoice,
    *,
    socket: Path,
    state_dir: Path,
) -> list[str]:
    """Return the arguments of `pisovereign-engine`.

    Args:
        options: what is configured.
        store: the models.
        tuner: knows where the weights are that go with a choice.
        wanted: how it is to compute.
        socket: where it is to listen.
        state_dir: a folder of its own.
    """
    engine = options.engine
    choice = tuner.available(wanted)
    model = store.model(options.model)
    choices = options.config().memory.embedding_choices
    embeddings = [embedding_folder(store, *choice) for choice in choices]
    return [
        f"--socket={socket}",
        f"--model-file={tuner.model_file(choice)}",
        f"--model-identity={model.file('model.gguf').checksum}-{choice.weights}",
        f"--model-id={model.id}",
        f"--fallback-template={model.template or ''}",
        f"--context={engine.context_length}",
        f"--usual-context={model.context_length}",
        *compute_argv(choice),
        f"--parallel={engine.answers_at_once}",
        f"--more-parallel={0 if engine.parallel else engine.answers_at_once}",
        f"--prompt-lookup={'on' if engine.prompt_lookup else 'off'}",
        f"--cache-bytes={engine.cache_bytes}",
        f"--queue={engine.queue}",
        f"--state-dir={state_dir}",
        f"--public-prompt={options.public_prompt}",
        *(f"--embedding-dir={folder.path}" for folder in embeddings),
        *(f"--embedding-dimensions={folder.dimensions}" for folder in embeddings),
        f"--embedding-precision={engine.embedding_precision}",
        f"--log-format={options.telemetry.log_format}",
    ]
