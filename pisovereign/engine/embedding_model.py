"""An embedding model on the disk: its settings, tokens and vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, Protocol

import msgspec
import numpy as np
import onnxruntime
from msgspec import Meta
from numpy.typing import NDArray
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidGraph, InvalidProtobuf
from tokenizers import Tokenizer

from pisovereign.engine.errors import ModelError
from pisovereign_native.pooling import mean_pool
from pisovereign_native.unigram import Unigram
from pisovereign_native.wordpiece import WordPiece

Precision = Literal["int8", "fp32"]

_EXACT, _QUANTIZED = "model.onnx", "model-int8.onnx"
_TOKENS, _MASK, _KINDS = "input_ids", "attention_mask", "token_type_ids"
_PER_TOKEN = 3  # axes of an output with a vector for each token
_SETTINGS = "embedding.toml"
MAX_TOKENS = 256

Pooling = Literal["mean", "first", "none"]
UNIGRAM, LIBRARY, VOCABULARY = "unigram.bin", "tokenizer.json", "vocab.txt"


class EmbeddingModel:
    """A graph and a tokenizer. Either may be used by one thread at a time.

    Args:
        folder: holds the graph, the files of a tokenizer, and `embedding.toml` if need be; its
            name is the model's id.
        precision: which of two graphs to load, if there are two.

    Raises:
        ModelError: a file is missing or damaged, or the graph is none for texts.
    """

    def __init__(self, folder: Path, precision: Precision) -> None:
        self.id = folder.name
        settings = _read_settings(folder)
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
        self._tokenizer = _open_tokenizer(folder, self.max_tokens)

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


class _Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a graph is used; what is not said is seen from the graph.

    Attributes:
        output: The name of the output with the vectors; empty: the first one.
        pooling: What becomes of an output with a vector for each token: their mean, or the first
            one; `none`: the output has one for each text.
        prefix: What every text begins with, as in "query: ".
        max_tokens: Where texts are cut.
    """

    output: str = ""
    pooling: Pooling | None = None
    prefix: Annotated[str, Meta(max_length=1000)] = ""
    max_tokens: Annotated[int, Meta(ge=8, le=8192)] = MAX_TOKENS


def _read_settings(folder: Path) -> _Settings:
    """Read the file of a folder, which need not be there.

    Raises:
        ModelError: it is not valid; the text names the key.
    """
    path = folder / _SETTINGS
    try:
        return msgspec.toml.decode(path.read_bytes(), type=_Settings)
    except FileNotFoundError:
        return _Settings()
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: {error}") from None


class _Tokenizer(Protocol):
    """Makes tokens of texts."""

    def encode(self, text: str, max_tokens: int) -> list[int]:
        """Return the tokens of a text, at most `max_tokens`."""


def _open_tokenizer(folder: Path, max_tokens: int) -> _Tokenizer:
    """Return the fastest tokenizer that a folder has the files for.

    Raises:
        ModelError: there is none, or its files are damaged.
    """
    try:
        if (folder / UNIGRAM).is_file():
            return Unigram.from_file(folder / UNIGRAM)
        return _Library(folder, max_tokens)
    except ValueError as error:
        raise ModelError(f"cannot read the tokenizer in {folder}: {error}") from None


class _Library:
    """`tokenizer.json`, and our own WordPiece for what it covers."""

    def __init__(self, folder: Path, max_tokens: int) -> None:
        path = folder / LIBRARY
        if not path.is_file():
            raise ModelError(f"there is no embedding model file {path}")
        try:
            self._tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # noqa: BLE001 - the library raises nothing more exact
            raise ValueError(str(error)) from None
        # Files may pad and cut at other lengths: batches are padded later, to what they need.
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_tokens)
        vocabulary = folder / VOCABULARY
        self._wordpiece = WordPiece.from_file(vocabulary) if vocabulary.is_file() else None

    def encode(self, text: str, max_tokens: int) -> list[int]:
        ids = self._wordpiece.encode(text, max_tokens) if self._wordpiece else None
        # Letters outside the native tables: the library knows them all.
        return self._tokenizer.encode(text).ids if ids is None else ids
