"""A models folder with further models: random ones, copies under another name, broken ones."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pisovereign.models.manifest import HttpsSource, Model, ModelFile
from pisovereign.models.recorded import write_recorded
from pisovereign.models.store import ModelStore
from tests.support.tiny_models import write_tiny

NOWHERE = HttpsSource(url="https://example.invalid/model.gguf")


def models_beside(models_dir: Path, folder: Path) -> Path:
    """Return a new folder in which the shared models are, and others may be added."""
    folder.mkdir()
    for model in models_dir.iterdir():
        if model.is_dir():
            (folder / model.name).symlink_to(model)
    return folder


def add_tiny(folder: Path, name: str = "tiny") -> str:
    """Add a model of random weights; returns its id."""
    (folder / name).mkdir()
    write_tiny(folder / name / "model.gguf", "llama")
    return record(folder, name)


def add_bytes(folder: Path, name: str, content: bytes) -> str:
    """Add a file of any bytes as a model; returns its id."""
    (folder / name).mkdir()
    (folder / name / "model.gguf").write_bytes(content)
    return record(folder, name)


def record(folder: Path, name: str) -> str:
    """Record the file in a model's folder as if it had been verified."""
    content = (folder / name / "model.gguf").read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    file = ModelFile(name="model.gguf", size=len(content), sha256=sha256, sources=(NOWHERE,))
    model = Model(
        id=name,
        name=name,
        kind="chat",
        parameters="1M",
        context_length=4096,
        license="none",
        template="chatml",
        files=(file,),
    )
    write_recorded(folder / name, model)
    ModelStore(folder).stamp(model, "model.gguf", sha256)
    return name
