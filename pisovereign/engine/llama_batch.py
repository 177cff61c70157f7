"""The tokens of one step, as llama.cpp takes them."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

import llama_cpp
import numpy as np

# Sequence, position of the first token, tokens, and after how many of the last logits are wanted.
Part = tuple[int, int, Sequence[int], int]


class Batch:
    """llama.cpp's batch struct over numpy arrays, so that filling it takes no loop over tokens.

    Args:
        size: most tokens.
        sequences: how many sequences there are.

    Attributes:
        struct: what `llama_decode` takes.
    """

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

    def fill(self, entries: Sequence[Part]) -> list[int]:
        """Lay out the entries, and return the batch indices whose logits are wanted."""
        at = 0
        wanted: list[list[int]] = [[] for _ in entries]
        for number in _order(entries):
            seq, start, tokens, sample = entries[number]
            end = at + len(tokens)
            self._token[at:end] = tokens
            self._position[at:end] = range(start, start + len(tokens))
            self._id_pointer[at:end] = self._ids.ctypes.data + 4 * seq
            self._output[at:end] = 0
            if sample:
                self._output[end - sample : end] = 1
                wanted[number] += range(end - sample, end)
            at = end
        self.struct.n_tokens = at
        return [index for indices in wanted for index in indices]


def _order(entries: Sequence[Part]) -> list[int]:
    """Return the order in which entries are laid out, as their numbers.

    llama.cpp computes a sequence together with the one numbered next, if that comes behind it, and
    as many tokens of each as the shortest has. What is left of the others would be rounded
    otherwise than all of it at once. So only neighbors of equal length may follow each other.
    """
    runs: list[list[int]] = []
    last, length = -2, 0
    for number in sorted(range(len(entries)), key=lambda number: entries[number][0]):
        seq, _, tokens, _ = entries[number]
        if seq == last + 1 and len(tokens) == length:
            runs[-1].append(number)
        else:
            runs.append([number])
        last, length = seq, len(tokens)
    return [number for run in reversed(runs) for number in run]
