"""The graph of the Universal Sentence Encoder against its formulas, with random weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from pisovereign.models.prepare_use import FILES
from pisovereign.models.use_graph import (
    BRANCHES,
    TABLE_FILE,
    build_use_graph,
    embedding_table,
)

CHUNKS, ROWS = 3, 40
Array = NDArray[Any]


@pytest.fixture(scope="module")
def weights() -> dict[str, Array]:
    rng = np.random.default_rng(5)

    def normal(*shape: int) -> Array:
        return rng.normal(0, shape[0] ** -0.5, shape).astype(np.float32)

    made: dict[str, Array] = {
        f"q{chunk + 1}": rng.integers(0, 64, (ROWS, 512)).astype(np.uint8)
        for chunk in range(CHUNKS)
    }
    made["scale"] = rng.uniform(0.1, 0.5, CHUNKS).astype(np.float32)
    made["lo"] = (-32 * made["scale"]).astype(np.float32)
    for size, _ in BRANCHES:
        made |= {f"proj{size}": normal(512, 256), f"proj_b{size}": normal(256)}
        made |= {f"ln_g{size}": 1 + normal(256), f"ln_b{size}": normal(256)}
        for layer in "12":
            made |= {f"w{layer}_{size}": normal(size * 256, 256), f"b{layer}_{size}": normal(256)}
    made |= {"ln_g": 1 + normal(1280), "ln_b": normal(1280)}
    made |= {"cnn_W": normal(1280, 512), "cnn_b": normal(512)}
    made |= {"d0": normal(512, 320), "d1": normal(320, 320), "p1": normal(512, 320)}
    made |= {"d2": normal(320, 512), "p3": normal(320, 512), "d3": normal(512, 512)}
    return made | {"eps": np.array(1e-12)}


def norm(states: Array, gain: Array, bias: Array) -> Array:
    centered = states - states.mean(-1, keepdims=True)
    return np.asarray(centered / np.sqrt((centered**2).mean(-1, keepdims=True)) * gain + bias)


def relu(states: Array) -> Array:
    return np.maximum(states, 0)


def reference(weights: dict[str, Array], ids: list[int]) -> Array:
    """One sentence, token by token."""
    w = {name: value.astype(np.float64) for name, value in weights.items()}
    rows = np.array(
        [
            w[f"q{t % CHUNKS + 1}"][t // CHUNKS] * w["scale"][t % CHUNKS] + w["lo"][t % CHUNKS]
            for t in ids
        ]
    )

    def joined(kind: str) -> Array:
        return np.concatenate([w[f"{kind}{size}"] for size, _ in BRANCHES], axis=-1)

    states = norm(rows @ joined("proj") + joined("proj_b"), joined("ln_g"), joined("ln_b"))
    features = [rows]
    for number, (size, before) in enumerate(BRANCHES):
        branch = states[:, 256 * number : 256 * (number + 1)]
        for layer in "12":
            padded = np.pad(branch, ((before, size - 1 - before), (0, 0)))
            windows = [padded[at : at + size].ravel() for at in range(len(ids))]
            branch += relu(np.array(windows) @ w[f"w{layer}_{size}"] + w[f"b{layer}_{size}"])
        features.append(branch)
    told = norm(np.concatenate(features, axis=1), w["ln_g"], w["ln_b"])
    average = (told @ w["cnn_W"] + w["cnn_b"]).sum(0) / np.sqrt(len(ids))
    second = relu(average @ w["p1"] + relu(average @ w["d0"]) @ w["d1"])
    result = np.tanh(second @ w["p3"] + relu(second @ w["d2"]) @ w["d3"])
    return np.asarray(result / np.linalg.norm(result))


@pytest.mark.parametrize(("exact", "nearest"), [(True, 0.999999), (False, 0.99)])
def test_graph_equals_the_formulas(
    weights: dict[str, Array], tmp_path: Path, exact: bool, nearest: float
) -> None:
    embedding_table(weights).tofile(tmp_path / TABLE_FILE)
    model = build_use_graph(weights, exact=exact)
    (tmp_path / "model.onnx").write_bytes(model.SerializeToString())
    session = onnxruntime.InferenceSession(
        tmp_path / "model.onnx", providers=["CPUExecutionProvider"]
    )
    texts = [[1, 7, 100, 2], [1, 2], [5], [1, *range(20, 60), 2]]
    longest = max(map(len, texts))
    ids, mask = (np.zeros((len(texts), longest), np.int64) for _ in range(2))
    for row, text in enumerate(texts):
        ids[row, : len(text)], mask[row, : len(text)] = text, 1
    (made,) = session.run(None, {"input_ids": ids, "attention_mask": mask})
    expected = np.array([reference(weights, text) for text in texts])
    assert ((np.asarray(made) * expected).sum(1) > nearest).all()


def test_a_missing_array_is_named(weights: dict[str, Array]) -> None:
    without = {name: value for name, value in weights.items() if name != "w1_3"}
    with pytest.raises(KeyError, match="w1_3"):
        build_use_graph(without)


def test_the_real_model_in_8_bits_stays_close(models_dir: Path) -> None:
    folder = models_dir / "use-multilingual"
    assert {path.name for path in folder.iterdir()} >= set(FILES)
    rng = np.random.default_rng(3)
    ids = rng.integers(6, 128_000, (20, 12))
    inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
    exact, quantized = (
        np.asarray(
            onnxruntime.InferenceSession(folder / name, providers=["CPUExecutionProvider"]).run(
                None, inputs
            )[0]
        )
        for name in ("model.onnx", "model-int8.onnx")
    )
    assert (exact * quantized).sum(1).min() > 0.998
