"""Embedding models that somebody brings along: tiny ones, of each form that is supported."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from pisovereign.engine.embedder import Embedder
from pisovereign.engine.embedding_model import EmbeddingModel
from pisovereign.engine.errors import ModelError

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "tea", "cup", "query", ":"]
SIZE = 8
TABLE = np.random.default_rng(2).normal(size=(len(WORDS), SIZE)).astype(np.float32)
INPUTS = ("input_ids", "attention_mask")


def make(
    folder: Path, *, pooled: bool = False, inputs: Sequence[str] = INPUTS, settings: str = ""
) -> Path:
    """A folder with a model whose tokens have fixed vectors, in whose order nothing counts."""
    nodes = [helper.make_node("Gather", ["table", inputs[0]], ["tokens"])]
    shape: list[str | int] = ["batch", "length", SIZE]
    if pooled:
        nodes.append(helper.make_node("ReduceMax", ["tokens", "axis"], ["texts"], keepdims=0))
        del shape[1]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
            for name in inputs
        ],
        [helper.make_tensor_value_info(nodes[-1].output[0], TensorProto.FLOAT, shape)],
        [
            numpy_helper.from_array(TABLE, "table"),
            numpy_helper.from_array(np.array([1], np.int64), "axis"),
        ],
    )
    opset = [helper.make_opsetid("", 20)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=10)
    folder.mkdir(exist_ok=True)
    onnx.save(model, folder / "model.onnx")
    tokenizer = Tokenizer(models.WordLevel(dict(zip(WORDS, range(8), strict=True)), "[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.enable_padding(length=128)
    tokenizer.save(str(folder / "tokenizer.json"))
    if settings:
        (folder / "embedding.toml").write_text(settings)
    return folder


def embed(folder: Path, text: str) -> np.ndarray:
    """The vector beside one of another length, so that there is padding."""
    model = EmbeddingModel(folder, "int8")
    made = model.vectors([model.tokens(text), model.tokens("tea cup tea cup tea")])
    return np.asarray(made[0])


def unit(vector: np.ndarray) -> np.ndarray:
    return np.asarray(vector / np.linalg.norm(vector))


def test_the_mean_of_the_tokens(tmp_path: Path) -> None:
    made = embed(make(tmp_path / "tiny"), "tea cup")
    np.testing.assert_allclose(made, unit(TABLE[[2, 4, 5, 3]].mean(0)), atol=1e-6)


def test_the_first_token_and_a_prefix(tmp_path: Path) -> None:
    folder = make(tmp_path / "tiny", settings='pooling = "first"')
    np.testing.assert_allclose(embed(folder, "tea"), unit(TABLE[2]), atol=1e-6)
    (folder / "embedding.toml").write_text('prefix = "query: "\nmax_tokens = 8')
    rows = TABLE[[2, 6, 7, 4, 3]]
    np.testing.assert_allclose(embed(folder, "tea"), unit(rows.mean(0)), atol=1e-6)
    assert len(EmbeddingModel(folder, "fp32").tokens("tea " * 20)) == 8


def test_a_graph_that_pools_by_itself(tmp_path: Path) -> None:
    folder = make(tmp_path / "tiny", pooled=True)
    made = EmbeddingModel(folder, "int8").vectors([[2, 4, 3]])[0]
    np.testing.assert_allclose(made, unit(TABLE[[2, 4, 3]].max(0)), atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ('pooling = "none"', "cannot be pooled by none"),
        ('output = "texts"', "has no output texts"),
        ('pooling = "median"', r"embedding\.toml: .*median.*pooling"),
        ("size = 3", r"embedding\.toml: .*unknown field `size`"),
        ("size", r"embedding\.toml: "),
    ],
)
def test_wrong_settings_name_file_and_key(tmp_path: Path, settings: str, problem: str) -> None:
    with pytest.raises(ModelError, match=problem):
        EmbeddingModel(make(tmp_path / "tiny", settings=settings), "int8")


def test_a_graph_with_other_inputs(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="takes pixels and not input_ids and attention_mask"):
        EmbeddingModel(make(tmp_path / "tiny", inputs=["pixels"]), "int8")


def test_other_dimensions_than_configured(tmp_path: Path) -> None:
    embedder = Embedder(make(tmp_path / "tiny"), "int8", 384)
    with pytest.raises(ModelError, match=r"numbers, and memory\.embedding_models says 384"):
        embedder.warm_up()
    embedder.close()


def test_a_vocabulary_that_is_larger_than_the_model(tmp_path: Path) -> None:
    folder = make(tmp_path / "tiny")
    text = (folder / "tokenizer.json").read_text().replace('"[UNK]":1,', '"[UNK]":99,')
    assert text != (folder / "tokenizer.json").read_text() or '"[UNK]": 1' in text
    (folder / "tokenizer.json").write_text(text.replace('"[UNK]": 1', '"[UNK]": 99'))
    embedder = Embedder(folder, "int8")
    with pytest.raises(ModelError, match="embedding model tiny cannot compute"):
        embedder.warm_up()
    embedder.close()
