"""An embedding model on the disk: how its texts become tokens and its tokens vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidGraph, InvalidProtobuf

from pisovereign.engine.embedding_settings import Pooling, read_settings
from pisovereign.engine.embedding_tokenizer import open_tokenizer
from pisovereign.engine.errors import ModelError
from pisovereign_native.pooling import mean_pool

Precision = Literal["int8", "fp32"]

_EXACT, _QUANTIZED = "model.onnx", "model-int8.onnx"
_TOKENS, _MASK, _KINDS = "input_ids", "attention_mask", "token_type_ids"
_PER_TOKEN = 3  # axes of an output with a vector for each token


class EmbeddingModel:
    """A graph and a tokenizer. Either may be used by one thread at a time.

    Args:
        folder: holds the graph, what `open_tokenizer` takes, and `embedding.toml` if need be; its
            name is the model's id.
        precision: which of two graphs to load, if there are two.

    Raises:
        ModelError: a file is missing or damaged, or the graph is none for texts.
    """

    def __init__(self, folder: Path, precision: Precision) -> None:
        self.id = folder.name
        settings = read_settings(folder)
        self.max_tokens = settings.max_tokens
        self._prefix = settings.prefix
        self._session = _open_session(_graph(folder, precision))
        inputs = {given.name for given in self._session.get_inputs()}
        if not {_TOKENS, _MASK} <= inputs <= {_TOKENS, _MASK, _KINDS}:
            raise ModelError(
                f"the embedding model {self.id} takes {', '.join(sorted(inputs))} and not"
                f" {_TOKENS} and {_MASK}"
            )
        self._kinds = _KINDS in inputs
        outputs = {made.name: made for made in self._session.get_outputs()}
        self._output = settings.output or next(iter(outputs))
        if self._output not in outputs:
            raise ModelError(f"the embedding model {self.id} has no output {self._output}")
        axes = len(outputs[self._output].shape)
        self._pooling: Pooling = settings.pooling or ("mean" if axes == _PER_TOKEN else "none")
        if (self._pooling == "none") == (axes == _PER_TOKEN):
            raise ModelError(f"the embedding model {self.id} cannot be pooled by {self._pooling}")
        self._tokenizer = open_tokenizer(folder, self.max_tokens)

    def tokens(self, text: str) -> list[int]:
        """Return the tokens of a text, at most `max_tokens`."""
        return self._tokenizer.encode(self._prefix + text, self.max_tokens)

    def vectors(self, texts: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Return vectors of unit length for the tokens of texts, of shape (texts, dimensions)."""
        shape = (len(texts), max(map(len, texts)))
        ids, mask = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        for row, text in enumerate(texts):
            ids[row, : len(text)] = text
            mask[row, : len(text)] = 1
        inputs = {_TOKENS: ids, _MASK: mask}
        if self._kinds:
            inputs[_KINDS] = np.zeros_like(ids)
        (made,) = self._session.run([self._output], inputs)
        if self._pooling == "mean":
            return mean_pool(made, mask)
        chosen: NDArray[np.float32] = made[:, 0] if self._pooling == "first" else made
        length = np.maximum(np.linalg.norm(chosen, axis=1, keepdims=True), 1e-12)
        return np.asarray(chosen / length, np.float32)


def _graph(folder: Path, precision: Precision) -> Path:
    """Return the graph of a precision, or the only one."""
    graph = folder / (_QUANTIZED if precision == "int8" else _EXACT)
    if not graph.is_file():
        graph = folder / _EXACT
    if not graph.is_file():
        raise ModelError(f"there is no embedding model file {graph}")
    return graph


def _open_session(graph: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except (Fail, InvalidGraph, InvalidProtobuf) as error:
        raise ModelError(f"cannot load the embedding model {graph}: {error}") from None
