from __future__ import annotations

from pathlib import Path

import pytest

from pisovereign.models.embeddings import (
    embedding_dimensions,
    embedding_folder,
    fetched_embeddings,
)
from pisovereign.models.errors import ModelError
from pisovereign.models.manifest import load_manifest
from pisovereign.models.store import ModelStore


def test_known_models_have_known_dimensions() -> None:
    manifest = load_manifest()
    assert embedding_dimensions(manifest, "use-multilingual", 0) == 512
    assert embedding_dimensions(manifest, "use-multilingual", 512) == 512
    assert embedding_dimensions(manifest, "mine", 768) == 768


@pytest.mark.parametrize(
    ("model", "given", "problem"),
    [
        ("mine", 0, 'not a known model; add the dimensions of its vectors, as in "mine=768"'),
        ("use-multilingual", 384, "has 512 dimensions, not 384"),
        ("smollm2-135m-instruct", 0, "is not an embedding model"),
    ],
)
def test_what_does_not_fit_names_the_setting(model: str, given: int, problem: str) -> None:
    with pytest.raises(ModelError, match=r"^memory\.embedding_models: ") as caught:
        embedding_dimensions(load_manifest(), model, given)
    assert problem in str(caught.value)


def test_only_known_models_are_fetched() -> None:
    manifest = load_manifest()
    assert fetched_embeddings(manifest, ["mine", "all-minilm-l6-v2"]) == ["all-minilm-l6-v2"]


def test_a_folder_of_ones_own_is_found(tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "model.onnx").write_bytes(b"")
    for model in ("mine", "other", "../mine", ""):
        with pytest.raises(ModelError, match="neither a known model nor a folder"):
            embedding_folder(store, model, 768)
    (tmp_path / "mine" / "tokenizer.json").write_bytes(b"")
    assert embedding_folder(store, "mine", 768) == (tmp_path / "mine", 768)
    known = embedding_folder(store, "all-minilm-l6-v2", 0)
    assert known == (tmp_path / "all-minilm-l6-v2", 384)
