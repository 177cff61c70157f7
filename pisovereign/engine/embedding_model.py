"""An embedding model on the disk: how its texts become tokens and its tokens vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidProtobuf

from pisovereign.engine.embedding_tokenizer import open_tokenizer
from pisovereign.engine.errors import ModelError
from pisovereign_native.pooling import mean_pool

Precision = Literal["int8", "fp32"]

MAX_TOKENS = 256
_FILES: dict[Precision, str] = {"int8": "model-int8.onnx", "fp32": "model.onnx"}
_TOKENS, _MASK, _KINDS = "input_ids", "attention_mask", "token_type_ids"
_PER_TOKEN = 3  # axes of an output with a vector for each token


class EmbeddingModel:
    """A graph and a tokenizer. Either may be used by one thread at a time.

    The first output has a vector for each token, which are averaged, or one for each text.

    Args:
        folder: holds the graph and what `open_tokenizer` takes; its name is the model's id.
        precision: which of the two graphs to load.

    Raises:
        ModelError: a file is missing or damaged.
    """

    def __init__(self, folder: Path, precision: Precision) -> None:
        self.id = folder.name
        graph = folder / _FILES[precision]
        if not graph.is_file():
            raise ModelError(f"there is no embedding model file {graph}")
        self._session = _open_session(graph)
        self._inputs = {given.name for given in self._session.get_inputs()}
        output = self._session.get_outputs()[0]
        self._output, self._averaged = output.name, len(output.shape) == _PER_TOKEN
        self._tokenizer = open_tokenizer(folder, MAX_TOKENS)

    def tokens(self, text: str) -> list[int]:
        """Return the tokens of a text, at most 256."""
        return self._tokenizer.encode(text, MAX_TOKENS)

    def vectors(self, texts: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Return vectors of unit length for the tokens of texts, of shape (texts, dimensions)."""
        shape = (len(texts), max(map(len, texts)))
        ids, mask = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        for row, text in enumerate(texts):
            ids[row, : len(text)] = text
            mask[row, : len(text)] = 1
        inputs = {_TOKENS: ids, _MASK: mask}
        if _KINDS in self._inputs:
            inputs[_KINDS] = np.zeros_like(ids)
        (made,) = self._session.run([self._output], inputs)
        return mean_pool(made, mask) if self._averaged else made


def _open_session(graph: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except (Fail, InvalidProtobuf) as error:
        raise ModelError(f"cannot load the embedding model {graph}: {error}") from None
