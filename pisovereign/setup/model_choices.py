"""Choose which models the memory of this device is large enough for."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path

import psutil

from pisovereign.models.manifest import Model
from pisovereign.models.store import ModelStore
from pisovereign.setup.types import ModelChoice

# The memory of a model relative to its file, and the memory of everything else.
_FILE_FACTOR = 1.2
_OTHER_BYTES = 700_000_000


def memory_bytes() -> int:
    """Return the memory of this device."""
    return int(psutil.virtual_memory().total)


def free_bytes(folder: Path) -> int:
    """Return the free space in the folder of the models."""
    return shutil.disk_usage(folder).free


def size_of(model: Model) -> int:
    """Return the size of a model's files."""
    return sum(file.size for file in model.files)


def model_choices(store: ModelStore, memory: int, on_media: Collection[str]) -> list[ModelChoice]:
    """Return every chat model; the largest one that fits into memory is recommended."""
    models = store.manifest.of_kind("chat")
    fitting = [model for model in models if _memory_needed(model) <= memory]
    best = max(fitting, key=size_of, default=None)
    return [
        ModelChoice(
            id=model.id,
            name=model.name,
            parameters=model.parameters,
            size=size_of(model),
            license=model.license,
            fits=model in fitting,
            recommended=model is best,
            state=str(store.state(model)),
            on_media=model.id in on_media,
        )
        for model in models
    ]


def _memory_needed(model: Model) -> float:
    return _FILE_FACTOR * size_of(model) + _OTHER_BYTES
