"""Sentence embeddings by ONNX Runtime: text to tokens to a vector of unit length."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidProtobuf
from tokenizers import Tokenizer

from pisovereign.engine.errors import ModelError
from pisovereign_native.pooling import mean_pool
from pisovereign_native.wordpiece import WordPiece

Precision = Literal["int8", "fp32"]

MAX_TOKENS = 256
_BATCH = 16
_FILES: dict[Precision, str] = {"int8": "model-int8.onnx", "fp32": "model.onnx"}


class Embedder:
    """One embedding model with a thread of its own.

    Args:
        folder: holds the ONNX graph, `vocab.txt` and `tokenizer.json`; its name is the model's id.
        precision: which of the two graphs to load.

    Raises:
        ModelError: a file is missing or damaged.
    """

    def __init__(self, folder: Path, precision: Precision) -> None:
        self.model_id = folder.name
        self.max_tokens = MAX_TOKENS
        graph = folder / _FILES[precision]
        for path in (graph, folder / "vocab.txt", folder / "tokenizer.json"):
            if not path.is_file():
                raise ModelError(f"there is no embedding model file {path}")
        self._session = _open_session(graph)
        self._wordpiece = WordPiece.from_file(folder / "vocab.txt")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        # The file pads to 128 tokens and cuts there: batches are padded here, to what they need.
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._thread = ThreadPoolExecutor(1, "embedder")

    async def embed(self, texts: Sequence[str]) -> tuple[list[list[float]], int]:
        """Vectors of the texts, in their order, and the number of tokens read.

        Texts are cut after 256 tokens. Another caller's texts get their turn between batches.
        """
        loop = asyncio.get_running_loop()
        tokens = await loop.run_in_executor(self._thread, self._encode, texts)
        # Texts of similar length together: padding is computed too.
        order = sorted(range(len(texts)), key=lambda index: len(tokens[index]))
        vectors: list[list[float]] = [[]] * len(texts)
        for at in range(0, len(order), _BATCH):
            part = order[at : at + _BATCH]
            rows = await loop.run_in_executor(self._thread, self._run, [tokens[i] for i in part])
            for index, row in zip(part, rows.tolist(), strict=True):
                vectors[index] = row
        return vectors, sum(map(len, tokens))

    def warm_up(self) -> None:
        """Embed one word, before there is an event loop."""
        self._run(self._encode(["warm"]))

    def close(self) -> None:
        """End the thread after its present batch."""
        self._thread.shutdown(cancel_futures=True)

    def _encode(self, texts: Sequence[str]) -> list[list[int]]:
        return [self._ids(text) for text in texts]

    def _ids(self, text: str) -> list[int]:
        ids = self._wordpiece.encode(text, MAX_TOKENS)
        if ids is None:
            # Letters outside the native tables: the library knows them all.
            ids = self._tokenizer.encode(text).ids
        return ids

    def _run(self, tokens: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Vectors of shape (texts, dimensions)."""
        shape = (len(tokens), max(map(len, tokens)))
        ids, mask = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        for row, text in enumerate(tokens):
            ids[row, : len(text)] = text
            mask[row, : len(text)] = 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        (hidden,) = self._session.run(["last_hidden_state"], inputs)
        return mean_pool(hidden, mask)


def _open_session(graph: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except (Fail, InvalidProtobuf) as error:
        raise ModelError(f"cannot load the embedding model {graph}: {error}") from None
