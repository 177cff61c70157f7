"""The engine with the chat template of the model's file, and with a broken one."""

from __future__ import annotations

import mmap
import shutil
from pathlib import Path

import pytest

from pisovereign.engine_client.types import Message
from tests.engine.support import MODEL, EngineProcess

_OF_THE_FILE, _BROKEN = b"{% for message in messages %}", b"{% for message in messages !}"


def own(model: Path) -> tuple[str, ...]:
    """The arguments that make an engine take the template of a file."""
    return (f"--model-file={model}", "--template=auto", "--fallback-template=chatml")


@pytest.fixture
def broken(models_dir: Path, tmp_path: Path) -> Path:
    """A model file whose template has a mistake in it."""
    path = shutil.copy(models_dir / MODEL / "model.gguf", tmp_path / "model.gguf")
    with Path(path).open("r+b") as file, mmap.mmap(file.fileno(), 0) as content:
        at = content.find(_OF_THE_FILE)
        assert at > 0
        content[at : at + len(_BROKEN)] = _BROKEN
    return Path(path)


def test_the_template_of_the_file(models_dir: Path, engine: EngineProcess) -> None:
    messages = [Message("system", "You help."), Message("user", "Count from one to five.")]
    own_engine = EngineProcess(models_dir, *own(models_dir / MODEL / "model.gguf"))
    try:
        health = own_engine.get("/health")
        assert (health["template"], health["template_warning"]) == ("own", "")
        answer = own_engine.chat("", messages=messages, max_tokens=30)
    finally:
        own_engine.stop()
    # Its family is that of the known template that the other engine uses.
    assert answer[0] == engine.chat("", messages=messages, max_tokens=30)[0]


def test_a_known_one_takes_the_place_of_a_broken_one(models_dir: Path, broken: Path) -> None:
    engine = EngineProcess(models_dir, *own(broken))
    try:
        health = engine.get("/health")
        assert health["template"] == "chatml"
        assert "own chat template is not used, but chatml: " in health["template_warning"]
        pieces, _ = engine.chat("What is the capital of France?", max_tokens=30)
        assert "Paris" in "".join(pieces)
    finally:
        engine.stop()
