"""The models that come inside the image, copied to where models are kept.

Copied, not linked: the next version of the image may hold others.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from pisovereign.files import sync
from pisovereign.models.lock import changing
from pisovereign.models.store import ModelStore, State


def seed(store: ModelStore, folder: Path) -> None:
    """Copy each model of the manifest that `folder` has and the store has not, whole or not at all.

    Raises:
        ModelError: it cannot be written, or another process is changing the models.
    """
    with changing(store.root):
        for model in store.manifest.models:
            source, home = folder / model.id, store.home(model)
            if source.is_dir() and store.state(model) in (State.ABSENT, State.PARTIAL):
                part = store.root / f".{model.id}.seed"
                shutil.rmtree(part, ignore_errors=True)  # what an interrupted run left
                shutil.copytree(source, part)
                for path in part.iterdir():
                    sync(path)
                sync(part)
                shutil.rmtree(home, ignore_errors=True)
                part.rename(home)
                sync(store.root)
            if store.state(model) is State.PRESENT:
                store.check(model)  # an image may not keep times to the nanosecond
