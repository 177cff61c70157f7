"""The program with an embedding model that the owner brought along."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.memory.support import remember, search
from tests.support.server import Server


@pytest.fixture
def folder(models_dir: Path, tmp_path: Path) -> Path:
    """The models, and one that the program does not know: a known one under another name."""
    for path in models_dir.iterdir():
        if path.is_dir():
            (tmp_path / path.name).symlink_to(path)
    (tmp_path / "mine").mkdir()
    for name in ("model.onnx", "tokenizer.json"):
        shutil.copy(models_dir / "all-minilm-l6-v2" / name, tmp_path / "mine")
    return tmp_path


def test_a_folder_is_a_model(folder: Path, data_dir: Path) -> None:
    models = '["use-multilingual", "mine=384"]'
    server = Server(data_dir, folder, PISOVEREIGN_MEMORY__EMBEDDING_MODELS=models).start()
    try:
        remember(server, "The spare key hangs behind the blue door")
        remember(server, "Stocks fell sharply in March")
        stats = server.request("GET", "/v1/memories/stats").json()
        assert stats["embeddings"] == [
            {"model": "use-multilingual", "embedded": 2},
            {"model": "mine", "embedded": 2},
        ]
        (best, *_) = search(server, "Wo ist der Ersatzschlüssel?")
        assert "spare key" in best["content"]
        asked = {"model": "mine", "input": "a cat"}
        answer = server.request("POST", "/v1/embeddings", json=asked).json()
        assert len(answer["data"][0]["embedding"]) == 384
    finally:
        server.remove()


@pytest.mark.parametrize(
    ("models", "problem"),
    [
        ('["mine"]', 'mine is not a known model; add the dimensions of its vectors, as in "mine='),
        ('["other=384"]', "other is neither a known model nor a folder"),
    ],
)
def test_a_wrong_one_refuses_the_start(
    folder: Path, data_dir: Path, models: str, problem: str
) -> None:
    server = Server(data_dir, folder, PISOVEREIGN_MEMORY__EMBEDDING_MODELS=models)
    said = server.refused_start()
    assert said.count("\n") <= 1
    assert f"memory.embedding_models: {problem}" in said
