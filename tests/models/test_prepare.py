from __future__ import annotations

import logging
import math
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Tokenizer

from pisovereign.files import sha256_of
from pisovereign.models.bert_graph import BertShape, build_graph
from pisovereign.models.prepare import QUANTIZED, REFERENCE, prepare_embedding

SHAPE = BertShape(layers=2, heads=12, hidden=384)
WORDS = 200
Array = NDArray[Any]
Weights = dict[str, NDArray[np.float32]]


def random_weights(layers: int) -> Weights:
    """Random weights of the real width, named like the published checkpoint's."""
    rng = np.random.default_rng(7)
    hidden, grown = SHAPE.hidden, 4 * SHAPE.hidden

    def normal(*shape: int) -> NDArray[np.float32]:
        return rng.normal(0, 0.1, shape).astype(np.float32)

    result: Weights = {
        "embeddings.word_embeddings.weight": normal(WORDS, hidden),
        "embeddings.position_embeddings.weight": normal(32, hidden),
        "embeddings.token_type_embeddings.weight": normal(2, hidden),
    }
    norms = ["embeddings.LayerNorm"]
    dense: dict[str, tuple[int, int]] = {}
    for index in range(layers):
        layer = f"encoder.layer.{index}"
        norms += [f"{layer}.attention.output.LayerNorm", f"{layer}.output.LayerNorm"]
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            dense[f"{layer}.attention.{part}"] = (hidden, hidden)
        dense[f"{layer}.intermediate.dense"] = (grown, hidden)
        dense[f"{layer}.output.dense"] = (hidden, grown)
    for name in norms:
        result[f"{name}.weight"] = 1 + normal(hidden)
        result[f"{name}.bias"] = normal(hidden)
    for name, (rows, columns) in dense.items():
        result[f"{name}.weight"] = normal(rows, columns)
        result[f"{name}.bias"] = normal(rows)
    return result


@pytest.fixture(scope="module")
def weights() -> Weights:
    return random_weights(SHAPE.layers)


@pytest.fixture(scope="module")
def checkpoint(weights: Weights, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("checkpoint") / "model.safetensors"
    save_file(weights, path)
    return path


def reference(weights: Weights, ids: Array, mask: Array, kinds: Array) -> Array:
    """The encoder as its paper writes it, in float64 and without any sharing of products."""

    def weight(name: str) -> Array:
        return weights[name].astype(np.float64)

    def dense(states: Array, name: str) -> Array:
        return np.asarray(states @ weight(f"{name}.weight").T + weight(f"{name}.bias"))

    def norm(states: Array, name: str) -> Array:
        centered = states - states.mean(-1, keepdims=True)
        deviation = np.sqrt((centered**2).mean(-1, keepdims=True) + SHAPE.epsilon)
        return np.asarray(centered / deviation * weight(f"{name}.weight") + weight(f"{name}.bias"))

    def heads(states: Array) -> Array:
        return states.reshape(*states.shape[:2], SHAPE.heads, -1).transpose(0, 2, 1, 3)

    erf = np.vectorize(math.erf)
    states = norm(
        weight("embeddings.word_embeddings.weight")[ids]
        + weight("embeddings.position_embeddings.weight")[: ids.shape[1]]
        + weight("embeddings.token_type_embeddings.weight")[kinds],
        "embeddings.LayerNorm",
    )
    for index in range(SHAPE.layers):
        layer = f"encoder.layer.{index}"
        query, key, value = (
            heads(dense(states, f"{layer}.attention.self.{part}"))
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 1, 3, 2) / math.sqrt(SHAPE.head_size)
        scores = np.where(mask[:, None, None, :] == 1, scores, -np.inf)
        chances = np.exp(scores - scores.max(-1, keepdims=True))
        chances /= chances.sum(-1, keepdims=True)
        mixed = (chances @ value).transpose(0, 2, 1, 3).reshape(states.shape)
        attended = dense(mixed, f"{layer}.attention.output.dense")
        states = norm(states + attended, f"{layer}.attention.output.LayerNorm")
        grown = dense(states, f"{layer}.intermediate.dense")
        grown = grown * 0.5 * (1 + erf(grown / math.sqrt(2)))
        states = norm(states + dense(grown, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
    return states


def run(model: Path | bytes, ids: Array, mask: Array, kinds: Array) -> Array:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": kinds}
    return np.asarray(session.run(["last_hidden_state"], feeds)[0])


def batch(rows: int, tokens: int) -> tuple[Array, Array, Array]:
    """Ids, a mask that leaves each row a different length, and kinds of both sorts."""
    rng = np.random.default_rng(rows * 100 + tokens)
    ids = rng.integers(0, WORDS, (rows, tokens))
    lengths = np.arange(tokens, tokens - rows, -1)[:, None]
    return ids, (np.arange(tokens) < lengths).astype(np.int64), rng.integers(0, 2, (rows, tokens))


@pytest.mark.parametrize(("rows", "tokens"), [(1, 1), (1, 9), (3, 16)])
def test_graph_equals_the_reference(weights: Weights, rows: int, tokens: int) -> None:
    inputs = batch(rows, tokens)
    got = run(build_graph(weights, SHAPE).SerializeToString(), *inputs)
    expected = reference(weights, *inputs)
    seen = inputs[1].astype(bool)
    np.testing.assert_allclose(got[seen], expected[seen], atol=1e-4)


def test_padding_changes_nothing(weights: Weights) -> None:
    ids, mask, kinds = batch(1, 6)
    model = build_graph(weights, SHAPE).SerializeToString()
    alone = run(model, ids, mask, kinds)
    padded = run(model, *(np.pad(part, ((0, 0), (0, 7))) for part in (ids, mask, kinds)))
    np.testing.assert_allclose(padded[:, :6], alone, atol=1e-5)


def test_a_missing_weight_is_named(weights: Weights) -> None:
    name = "encoder.layer.1.output.dense.bias"
    without = {key: value for key, value in weights.items() if key != name}
    with pytest.raises(KeyError, match=name):
        build_graph(without, SHAPE)


def test_every_run_gives_the_same_bytes(
    checkpoint: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folders = [tmp_path / "one", tmp_path / "a-longer-name"]
    with caplog.at_level(logging.WARNING):
        for folder in folders:
            folder.mkdir()
            prepare_embedding(checkpoint, folder, SHAPE)
    assert caplog.records == []
    for name in (REFERENCE, QUANTIZED):
        assert len({sha256_of(folder / name) for folder in folders}) == 1
    assert sorted(path.name for path in folders[0].iterdir()) == sorted([REFERENCE, QUANTIZED])


def test_quantized_graph_is_int8_per_channel_and_close(checkpoint: Path, tmp_path: Path) -> None:
    prepare_embedding(checkpoint, tmp_path, SHAPE)
    scales = {
        tensor.name: list(tensor.dims)
        for tensor in onnx.load(tmp_path / QUANTIZED).graph.initializer
        if tensor.name.endswith("kernel_scale")
    }
    assert scales["encoder.layer.0.attention.self.qkv.kernel_scale"] == [3 * SHAPE.hidden]
    assert len(scales) == 4 * SHAPE.layers
    inputs = batch(2, 12)
    left, right = (run(tmp_path / name, *inputs) for name in (REFERENCE, QUANTIZED))
    assert cosine(left.mean(1), right.mean(1)).min() >= 0.98


def test_an_interrupted_run_leaves_nothing_behind(checkpoint: Path, tmp_path: Path) -> None:
    stale = tmp_path / ".preparing" / "model.onnx"
    stale.parent.mkdir()
    stale.write_bytes(b"half a graph")
    with pytest.raises(FileNotFoundError):
        prepare_embedding(tmp_path / "absent.safetensors", tmp_path, SHAPE)
    assert list(tmp_path.iterdir()) == []


def cosine(left: Array, right: Array) -> Array:
    product = (left * right).sum(-1)
    return np.asarray(product / np.linalg.norm(left, axis=-1) / np.linalg.norm(right, axis=-1))


def embed(folder: Path, name: str, texts: list[str]) -> Array:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    rows = []
    for text in texts:
        ids = np.array([tokenizer.encode(text).ids])
        states = run(folder / name, ids, np.ones_like(ids), np.zeros_like(ids))
        rows.append(states[0].mean(0) / np.linalg.norm(states[0].mean(0)))
    return np.array(rows)


def test_real_model_gives_the_published_vector(models_dir: Path) -> None:
    """The first values that the model's authors print for this sentence in their manual."""
    folder = models_dir / "all-minilm-l6-v2"
    vector = embed(folder, REFERENCE, ["This is an example sentence"])[0]
    np.testing.assert_allclose(vector[:3], [6.76569e-02, 6.34960e-02, 4.87131e-02], atol=1e-5)


def test_real_quantized_model_stays_close(models_dir: Path) -> None:
    folder = models_dir / "all-minilm-l6-v2"
    texts = [
        "The tea is in the upper left cupboard.",
        "Grandmother's birthday is on the third of May.",
        "Remind me to water the tomatoes every second evening.",
        "Überraschung! Das WLAN-Kennwort hängt am Kühlschrank.",
        "Buy milk.",
    ]
    left, right = (embed(folder, name, texts) for name in (REFERENCE, QUANTIZED))
    assert cosine(left, right).min() >= 0.98
