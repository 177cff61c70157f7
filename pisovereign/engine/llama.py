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

from pisovereign.engine.abort_flag import AbortFlag
from pisovereign.engine.compute_settings import ComputeSettings
from pisovereign.engine.context_params import context_params
from pisovereign.engine.errors import ModelError
from pisovereign.engine.llama_batch import Batch
from pisovereign.engine.llama_library import has_recurrent_layers, llama_log, load, metadata
from pisovereign.engine.openmp import run_in_own_thread
from pisovereign.engine.sequences import State
from pisovereign.engine.vocab import Vocab

logger = logging.getLogger(__name__)

_ABORTED = 2
_PARTIAL = llama_cpp.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY


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
        # llama.cpp would cut a restored window without a word, and compute with what is not there.
        self.can_truncate = not (
            has_recurrent_layers(self.handle) or llama_cpp.llama_model_n_swa(self.handle) > 0
        )
        self.vocab = Vocab(llama_cpp.llama_model_get_vocab(self.handle))

    @property
    def last_error(self) -> str:
        """Return the last error that llama.cpp logged."""
        return llama_log().last_error

    def _file_type(self) -> int:
        """Return GGUF's number for the format of most weights; -1 if the file does not tell."""
        text = metadata(self.handle, "general.file_type")
        return int(text) if text is not None and text.isdecimal() else -1

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
        can_truncate: whether sequences and their saved states can be cut at any place. Recurrent
            layers have only the newest state, and sliding windows keep only the newest tokens, so
            such sequences go back to a checkpoint, or to nothing.
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
        params = context_params(length, sequences, settings)
        # Without flash attention the values are kept transposed.
        self.layout = f"{params.flash_attn_type}/{params.type_k}/{params.type_v}"
        self.vocabulary = model.vocab.size
        self.handle: Any = llama_cpp.llama_init_from_model(model.handle, params)
        if not self.handle:
            raise ModelError(f"no context of {length} x {sequences} tokens: {model.last_error}")
        self._memory: Any = llama_cpp.llama_get_memory(self.handle)
        self.can_truncate = model.can_truncate
        self._batch = Batch(settings.batch, sequences)
        self._row = ctypes.c_float * model.vocab.size
        self._abort = AbortFlag(self.handle)

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
        """Forget all but the first `length` tokens; False, with nothing changed, if that fails.

        It fails for some of the tokens where `can_truncate` is false.
        """
        if length > 0 and not self.can_truncate and length < self._length(seq):
            return False
        return bool(llama_cpp.llama_memory_seq_rm(self._memory, seq, length, -1))

    def _length(self, seq: int) -> int:
        return int(llama_cpp.llama_memory_seq_pos_max(self._memory, seq)) + 1

    def checkpoint_size(self, seq: int) -> int:
        """Return bytes that `checkpoint` would take."""
        return int(llama_cpp.llama_state_seq_get_size_ext(self.handle, seq, _PARTIAL))

    def checkpoint(self, seq: int) -> State:
        """Return a copy of what cannot be cut, to `rewind` the sequence to its present length.

        That is the state of recurrent layers, and the newest tokens of sliding windows; all else
        stays in the sequence.
        """
        state = np.empty(self.checkpoint_size(seq), np.uint8)
        size = llama_cpp.llama_state_seq_get_data_ext(
            self.handle, _bytes(state), state.nbytes, seq, _PARTIAL
        )
        return state[:size]

    def rewind(self, seq: int, state: State, length: int) -> bool:
        """Cut a sequence to `length` tokens, at which `state` was taken by `checkpoint`.

        The sequence, or the one that it was restored from, must have been there on its way.
        Returns False, with nothing left of the sequence, if llama.cpp refuses.
        """
        size = llama_cpp.llama_state_seq_set_data_ext(
            self.handle, _bytes(state), state.nbytes, seq, _PARTIAL
        )
        if size == state.nbytes and llama_cpp.llama_memory_seq_rm(self._memory, seq, length, -1):
            return True
        llama_cpp.llama_memory_seq_rm(self._memory, seq, 0, -1)
        return False

    def state_size(self, seq: int) -> int:
        """Return bytes that `save` would take."""
        return int(llama_cpp.llama_state_seq_get_size(self.handle, seq))

    def save(self, seq: int) -> State:
        """Return a copy of a sequence's keys and values.

        1,000 tokens took 3 to 11 ms, up to 49 when the memory for them was new. Between sequences
        with buffers of their own, `llama_memory_seq_cp` copies those whole: 18 ms at a context of
        8,192 tokens, even if 50 are in use, which take 0.9 ms to save and restore.
        """
        state = np.empty(self.state_size(seq), np.uint8)
        size = llama_cpp.llama_state_seq_get_data(self.handle, _bytes(state), state.nbytes, seq)
        return state[:size]

    def restore(self, seq: int, state: State) -> bool:
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


def _bytes(state: State) -> Any:
    return state.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))
