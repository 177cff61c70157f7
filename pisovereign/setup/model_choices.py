"""Choose which models the memory of this device is large enough for."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path

from pisovereign.models.device import Device
from pisovereign.models.recommendation import fits, memory_needed, recommend
from pisovereign.models.store import ModelStore
from pisovereign.setup.types import ModelChoice


def free_bytes(folder: Path) -> int:
    """Return the free space in the folder of the models."""
    return shutil.disk_usage(folder).free


def model_choices(
    store: ModelStore, device: Device, on_media: Collection[str]
) -> list[ModelChoice]:
    """Return every chat model; one is recommended."""
    models = store.manifest.of_kind("chat")
    best = recommend(models, device)
    return [
        ModelChoice(
            id=model.id,
            name=model.name,
            parameters=model.parameters,
            size=model.size,
            license=model.license,
            memory=memory_needed(model),
            audience=model.audience,
            fits=fits(model, device.memory),
            recommended=model is best,
            state=str(store.state(model)),
            on_media=model.id in on_media,
        )
        for model in models
    ]
