"""How much memory a model will take, told by llama.cpp itself before anything is allocated.

It makes the context it would compute with, of a model without weights, and takes no memory for
either. So what is told is what will be, for every architecture: sliding windows keep less than the
whole context, hybrid models keep a state of one size beside few layers with keys and values.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import llama_cpp

from pisovereign.engine.compute_settings import ComputeSettings
from pisovereign.engine.context_params import context_params
from pisovereign.engine.errors import ModelError
from pisovereign.engine.llama_library import llama_log, load
from pisovereign.engine.memory import MIB, MemoryNeed

# There is no function for these numbers that C could call; the log has them in MiB.
_KEPT = re.compile(r"llama_(?:kv_cache|memory_recurrent)\w*: size = +([0-9.]+) MiB")
_COMPUTE = re.compile(r"(?:compute|output) buffer size = +([0-9.]+) MiB")


class MemoryProbe:
    """A model file that was opened without its weights.

    Attributes:
        handle: llama.cpp's, for questions that need no weights.
        trained_context: tokens of the longest text that it was trained on.
        weights: bytes of all tensors.
    """

    def __init__(self, handle: Any) -> None:
        self.handle = handle
        self.trained_context: int = llama_cpp.llama_model_n_ctx_train(handle)
        self.weights: int = llama_cpp.llama_model_size(handle)

    def need(self, length: int, sequences: int, settings: ComputeSettings) -> MemoryNeed:
        """Return the memory for `sequences` sequences of `length` tokens each; takes 10 ms.

        Raises:
            ModelError: it cannot compute with such settings.
        """
        params = context_params(length, sequences, settings)
        log = llama_log()
        with log.recorded() as lines:
            context = llama_cpp.llama_init_from_model(self.handle, params)
        if not context:
            raise ModelError(f"no context of {length} x {sequences} tokens: {log.last_error}")
        llama_cpp.llama_free(context)
        kept, compute = _total(_KEPT, lines), _total(_COMPUTE, lines)
        if not kept or not compute:
            raise ModelError("llama.cpp does not tell how much memory a context takes")
        return MemoryNeed(self.weights, compute, kept // sequences)


def _total(pattern: re.Pattern[str], lines: list[str]) -> int:
    """Return the bytes that the lines tell together."""
    found = (match for line in lines if (match := pattern.search(line)))
    return sum(round(float(match[1]) * MIB) for match in found)


@contextlib.contextmanager
def memory_probe(path: Path) -> Iterator[MemoryProbe]:
    """Open a model file to ask for memory: 0.1 s for a vocabulary of 49,000 tokens, no weights.

    Raises:
        ModelError: the file is missing, damaged or of an unknown kind.
    """
    handle = load(path, weights=False)
    try:
        yield MemoryProbe(handle)
    finally:
        llama_cpp.llama_model_free(handle)
