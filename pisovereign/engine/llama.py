"""A thin binding over llama.cpp's C functions: a model and one context of N sequences.

Nothing here decides anything: which tokens are computed when is up to `scheduler`, what is drawn
from the logits up to `sampling`. `llama_cpp.Llama` is not used, as it serves one sequence.
"""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import llama_cpp
import numpy as np
from numpy.typing import NDArray

from pisovereign.engine.compute_settings import ComputeSettings, KvType
from pisovereign.engine.errors import ModelError
from pisovereign.engine.llama_library import llama_log, load
from pisovereign.engine.openmp import run_in_own_thread
from pisovereign.engine.vocab import Vocab

logger = logging.getLogger(__name__)

MOST_GUESSES = 8
"""Most tokens of a batch, beyond one for each sequence, after which logits may be wanted."""
_ABORTED = 2
_KV_TYPES: dict[KvType, int] = {
    "f16": llama_cpp.GGML_TYPE_F16,
    "q8_0": llama_cpp.GGML_TYPE_Q8_0,
}


class DecodeAborted(Exception):
    """`Context.abort` stopped the computation; nothing of the batch counts."""


class DecodeFailed(Exception):
    """llama.cpp could not compute the batch; the text has its return code."""


class Entry(NamedTuple):
    """Tokens of one sequence in a batch.

    Attributes:
        seq: the sequence, from 0.
        start: position of the first token.
        tokens: consecutive tokens, at least one.
        sample: after how many tokens, counted from the last, the logits are wanted; 0: after none.
    """

    seq: int
    start: int
    tokens: Sequence[int]
    sample: int


class Model:
    """A loaded model file.

    Args:
        path: a GGUF file; only its weights and vocabulary are used.

    Raises:
        ModelError: the file is missing, damaged or of an unknown kind.
    """

    def __init__(self, path: Path) -> None:
        # For AMX, llama.cpp lays the weights out anew while it loads them, with all threads.
        self.handle: Any = run_in_own_thread(load, path, weights=True)
        self.trained_context: int = llama_cpp.llama_model_n_ctx_train(self.handle)
        self.file_type = self._file_type()
        self.vocab = Vocab(llama_cpp.llama_model_get_vocab(self.handle))

    @property
    def last_error(self) -> str:
        """Return the last error that llama.cpp logged."""
        return llama_log().last_error

    def _file_type(self) -> int:
        """Return GGUF's number for the format of most weights; -1 if the file does not tell."""
        text = ctypes.create_string_buffer(16)
        key = b"general.file_type"
        size = llama_cpp.llama_model_meta_val_str(self.handle, key, text, len(text))
        return int(text.value) if size > 0 and text.value.isdigit() else -1

    def close(self) -> None:
        """Free the weights; every context must be closed before."""
        llama_cpp.llama_model_free(self.handle)


class Context:
    """Computation state of a model: the keys and values of `sequences` sequences.

    Used by one thread, except for `abort`.

    Args:
        model: the model to compute with.
        length: tokens that each sequence can hold.
        sequences: how many sequences there are.
        settings: how it computes.

    Attributes:
        layout: how keys and values are laid out; states fit into the same layout only.
        vocabulary: number of tokens that the model knows.

    Raises:
        ModelError: there is not enough memory for it, or the model cannot use the settings.
    """

    def __init__(
        self, model: Model, *, length: int, sequences: int, settings: ComputeSettings
    ) -> None:
        self.length = length
        self.sequences = sequences
        self.batch_size = settings.batch
        params = llama_cpp.llama_context_default_params()
        params.n_ctx = length * sequences
        params.n_batch = settings.batch
        params.n_ubatch = settings.micro_batch
        params.n_seq_max = sequences
        # Once for each sequence, and after guesses; room for every token would be 50 MB and more.
        params.n_outputs_max = min(sequences + MOST_GUESSES, max(settings.batch, sequences))
        params.kv_unified = settings.kv_unified
        params.type_k = params.type_v = _KV_TYPES[settings.kv_type]
        params.n_threads = settings.threads
        params.n_threads_batch = settings.batch_threads
        params.flash_attn_type = (
            llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED
            if settings.flash_attention
            else llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
        )
        params.no_perf = True
        # Without flash attention the values are kept transposed.
        self.layout = f"{params.flash_attn_type}/{params.type_k}/{params.type_v}"
        self.vocabulary = model.vocab.size
        self.handle: Any = llama_cpp.llama_init_from_model(model.handle, params)
        if not self.handle:
            raise ModelError(f"no context of {length} x {sequences} tokens: {model.last_error}")
        self._memory: Any = llama_cpp.llama_get_memory(self.handle)
        self._batch = _Batch(settings.batch, sequences)
        self._row = ctypes.c_float * model.vocab.size
        self._abort = _AbortFlag(self.handle)

    def decode(self, entries: Sequence[Entry]) -> list[NDArray[np.float32]]:
        """Compute a batch and return the rows of logits that its entries want, in order.

        The rows are views of shape (vocabulary,) that the next call overwrites.

        Raises:
            DecodeAborted: `abort` was called; truncate the batch's sequences before going on.
            DecodeFailed: the same, for any other reason.
        """
        wanted = self._batch.fill(entries)
        code: int = llama_cpp.llama_decode(self.handle, self._batch.struct)
        if code == _ABORTED:
            raise DecodeAborted
        if code != 0:
            raise DecodeFailed(f"llama.cpp returned {code}")
        return [self._logits(index) for index in wanted]

    def set_threads(self, threads: int, batch_threads: int) -> None:
        """Compute with other numbers of threads from now on."""
        llama_cpp.llama_set_n_threads(self.handle, threads, batch_threads)

    def truncate(self, seq: int, length: int) -> bool:
        """Forget all but the first `length` tokens; False if the model can only forget all."""
        return bool(llama_cpp.llama_memory_seq_rm(self._memory, seq, length, -1))

    def state_size(self, seq: int) -> int:
        """Return bytes that `save` would take."""
        return int(llama_cpp.llama_state_seq_get_size(self.handle, seq))

    def save(self, seq: int) -> NDArray[np.uint8]:
        """Return a copy of a sequence's keys and values.

        1,000 tokens took 3 to 11 ms, up to 49 when the memory for them was new. Between sequences
        with buffers of their own, `llama_memory_seq_cp` copies those whole: 18 ms at a context of
        8,192 tokens, even if 50 are in use, which take 0.9 ms to save and restore.
        """
        state = np.empty(self.state_size(seq), np.uint8)
        size = llama_cpp.llama_state_seq_get_data(self.handle, _bytes(state), state.nbytes, seq)
        return state[:size]

    def restore(self, seq: int, state: NDArray[np.uint8]) -> bool:
        """Replace a sequence by a saved one; False, with nothing left of it, if that failed."""
        size = state.nbytes
        return bool(
            llama_cpp.llama_state_seq_set_data(self.handle, _bytes(state), size, seq) == size
        )

    def abort(self) -> None:
        """Stop the running `decode` within one graph node; may be called from any thread."""
        self._abort.set()

    def clear_abort(self) -> None:
        """Let the next `decode` run."""
        self._abort.clear()

    def close(self) -> None:
        """Free the state; no `decode` may be running."""
        llama_cpp.llama_free(self.handle)

    def _logits(self, index: int) -> NDArray[np.float32]:
        pointer = llama_cpp.llama_get_logits_ith(self.handle, index)
        row: NDArray[np.float32] = np.frombuffer(
            memoryview(self._row.from_address(ctypes.addressof(pointer.contents))), np.float32
        )
        return row


def _bytes(state: NDArray[np.uint8]) -> Any:
    return state.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))


class _Batch:
    """llama.cpp's batch struct over numpy arrays, so that filling it takes no loop over tokens."""

    def __init__(self, size: int, sequences: int) -> None:
        self._token = np.zeros(size, np.int32)
        self._position = np.zeros(size, np.int32)
        self._count = np.ones(size, np.int32)
        self._output = np.zeros(size, np.int8)
        self._ids = np.arange(sequences, dtype=np.int32)
        self._id_pointer = np.zeros(size, np.uintp)
        self.struct = llama_cpp.llama_batch()
        for name, array in (
            ("token", self._token),
            ("pos", self._position),
            ("n_seq_id", self._count),
            ("seq_id", self._id_pointer),
            ("logits", self._output),
        ):
            kind = dict(llama_cpp.llama_batch._fields_)[name]
            setattr(self.struct, name, ctypes.cast(array.ctypes.data, kind))

    def fill(self, entries: Sequence[Entry]) -> list[int]:
        """Lay out the entries, and return the batch indices whose logits are wanted."""
        at = 0
        wanted: list[int] = []
        for seq, start, tokens, sample in entries:
            end = at + len(tokens)
            self._token[at:end] = tokens
            self._position[at:end] = range(start, start + len(tokens))
            self._id_pointer[at:end] = self._ids.ctypes.data + 4 * seq
            self._output[at:end] = 0
            if sample:
                self._output[end - sample : end] = 1
                wanted += range(end - sample, end)
            at = end
        self.struct.n_tokens = at
        return wanted


class _AbortFlag:
    """One byte that llama.cpp looks at between graph nodes.

    The callback has the form `bool f(void *)`. A Python function would take the GIL for each node,
    600 times a token for 30 layers: decoding took twice as long beside a busy event loop. libc's
    `strlen` over a flag that is either empty or one byte long answers the same without it.
    """

    def __init__(self, context: Any) -> None:
        self._flag = ctypes.create_string_buffer(b"", 2)
        address = ctypes.cast(ctypes.CDLL(None).strlen, ctypes.c_void_p).value
        self._callback = llama_cpp.ggml_abort_callback(address)
        llama_cpp.llama_set_abort_callback(context, self._callback, ctypes.addressof(self._flag))

    def set(self) -> None:
        self._flag[0] = b"1"

    def clear(self) -> None:
        self._flag[0] = b"\0"
