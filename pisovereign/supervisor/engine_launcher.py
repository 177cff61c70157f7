"""How the engine is started with any of the models."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from pisovereign.engine.compute_settings import EngineChoice
from pisovereign.engine.memory import available_memory
from pisovereign.models.embeddings import fetched_embeddings
from pisovereign.models.errors import ModelMissing, UnknownModel
from pisovereign.models.store import ModelStore
from pisovereign.process.own_program import typed_name
from pisovereign.supervisor.active_model import ActiveModel
from pisovereign.supervisor.engine_command import EngineOptions, engine_argv
from pisovereign.supervisor.tuning import Tuner
from pisovereign.supervisor.tuning_results import TuningResult

# Of a model beside another: its file, buffers for computing, embedding models and the program.
_FILE_FACTOR, _BESIDES = 1.2, 600 << 20


class EngineLauncher:
    """Makes command lines of the engine.

    Args:
        options: what is configured.
        models: the folder of the models, which is read anew each time: models may be added.
        data_dir: where results of tuning are kept.
        state_dir: the engine's own folder.
        socket: where clients find it.
        more: further arguments.
    """

    def __init__(
        self,
        options: EngineOptions,
        *,
        models: Path,
        data_dir: Path,
        state_dir: Path,
        socket: Path,
        more: Sequence[str] = (),
    ) -> None:
        self._options = options
        self._models = models
        self._data_dir = data_dir
        self._state_dir = state_dir
        self._more = more
        self.socket = socket
        self._choices: dict[str, EngineChoice] = {}
        self._before: dict[str, EngineChoice] = {}
        self._tuners: dict[tuple[str, str], Tuner] = {}

    def missing(self, model: str) -> list[str]:
        """Return the ids of what is not there, of the model and those for embeddings.

        Raises:
            UnknownModel: there is no such model.
        """
        store = ModelStore(self._models)
        choices = self._options.config().memory.embedding_choices
        embeddings = fetched_embeddings(store.manifest, [choice.model for choice in choices])
        return [missing.id for missing in store.missing([model, *embeddings])]

    def settle(self, model: str) -> None:
        """Decide what a model is started with: what was measured for it, else the defaults.

        Where nobody could measure later, because that is wanted before the first start or memory
        does not take the model twice, it is measured now, which takes minutes.

        Raises:
            StartError: settings exclude each other.
            UnknownModel: there is no such model.
        """
        tuner = self._tuner(model)
        later = self._options.engine.tune_after_s > 0 and self._fits_twice(model)
        self._choices[model] = tuner.choose_at_once() if later else tuner.choose()

    def fits_beside(self, model: str, available: int | None = None) -> bool:
        """Return whether memory takes a model beside the one that serves.

        Args:
            model: its id.
            available: bytes that are free; None: what this machine tells.
        """
        free = available_memory() if available is None else available
        return self.memory_beside(model) <= free

    def fits_whole(self, model: str, serving: int) -> bool:
        """Return whether a model may have as much memory as the engine that serves it.

        With less it would start all the same, and give fewer answers at once.

        Args:
            model: its id.
            serving: bytes that the engine has now.
        """
        whole = serving + self._options.engine.cache_bytes + _BESIDES
        return max(whole, self.memory_beside(model)) <= available_memory()

    def kept(self, model: str) -> TuningResult | None:
        """Return what was measured for a model, if that still counts."""
        return self._tuner(model).kept()

    def in_use(self, model: str) -> EngineChoice:
        """Return what a model is started with."""
        return self._choices.get(model) or self._tuner(model).kept_or_default()

    def adopt(self, model: str, choice: EngineChoice) -> None:
        """Start a model with another choice from now on, unless that is withdrawn."""
        self._before[model] = self.in_use(model)
        self._choices[model] = choice

    def withdraw(self, model: str) -> None:
        """Start a model as before the choice that was adopted last, which does not work."""
        if model in self._before:
            self._choices[model] = self._before.pop(model)
            self._tuner(model).forget()

    def background_argv(self, model: str) -> list[str]:
        """Return the command line that measures a model in the background and keeps the result."""
        options = msgspec.structs.replace(self._options, model=model)
        return [
            sys.executable,
            "-m",
            "pisovereign.supervisor.background_tuning",
            f"--options={msgspec.json.encode(options).decode()}",
            f"--models={self._models}",
            f"--data-dir={self._data_dir}",
            f"--parent-pid={os.getpid()}",
        ]

    def argv(self, model: str) -> list[str]:
        """Return the command line for a model.

        What was measured for it is used; nothing is measured now, beside an engine at work.

        Raises:
            ModelMissing: a file is not there.
            UnknownModel: there is no such model, or it is not for chat.
            StartError: settings exclude each other.
        """
        store = ModelStore(self._models)
        self.require(model)
        tuner = self._tuner(model)
        # What is measured later is not in use before the engine is exchanged.
        choice = self._choices.setdefault(model, self.in_use(model))
        arguments = engine_argv(
            msgspec.structs.replace(self._options, model=model),
            store,
            tuner,
            choice,
            socket=self.socket,
            state_dir=self._state_dir,
        )
        return [sys.executable, "-m", "pisovereign.engine.main", *arguments, *self._more]

    def require(self, model: str) -> None:
        """Make sure that a model and those for embeddings are there.

        Raises:
            ModelMissing: a file is not there.
            UnknownModel: there is no such model.
        """
        if missing := self.missing(model):
            ids = " ".join(missing)
            program = typed_name("pisovereign-cli")
            raise ModelMissing(f"not there: {ids}; get it with: {program} models pull {ids}")

    def doubt(self, model: str) -> None:
        """Read a model's converted weights in full again before the next start."""
        self._tuners = {key: tuner for key, tuner in self._tuners.items() if key[0] != model}

    def is_for_chat(self, model: str) -> bool:
        """Return whether a model can be switched to.

        Raises:
            UnknownModel: there is no such model.
        """
        return ModelStore(self._models).model(model).kind == "chat"

    def memory_beside(self, model: str) -> int:
        """Return about how many bytes of memory a model takes beside another."""
        size = ModelStore(self._models).model(model).file("model.gguf").size
        return int(_FILE_FACTOR * size) + self._options.engine.cache_bytes + _BESIDES

    def _fits_twice(self, model: str) -> bool:
        """Return whether memory takes two engines with a model, of which none is loaded yet."""
        return 2 * self.memory_beside(model) <= available_memory()

    def _tuner(self, model: str) -> Tuner:
        """Return the tuner of a model file, which knows whether its converted weights are whole."""
        store = ModelStore(self._models)
        file = store.model(model).file("model.gguf").checksum
        if (model, file) not in self._tuners:
            options = msgspec.structs.replace(self._options, model=model)
            self._tuners[model, file] = Tuner(options.config(), self._data_dir, store)
        return self._tuners[model, file]


def drop_missing(active: ActiveModel, launcher: EngineLauncher) -> None:
    """Go back to the configured model if the one in use is not on the disk any more."""
    if active.model == active.configured:
        return
    try:
        missing = launcher.missing(active.model)
    except UnknownModel as error:
        active.forget(str(error))
        return
    if active.model in missing:
        active.forget("its file is not there, or has changed")
