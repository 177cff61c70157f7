"""Writing the file that `pisovereign_native.unigram` maps into memory.

It holds the pieces as a trie in breadth-first order: each node's children lie beside each other, in
the order of their bytes, so that one number for each node finds them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pisovereign.models.sentencepiece import CONTROL_PIECES, UnigramModel, read_unigram
from pisovereign_native.unigram import HEADER, MAGIC

_NOTHING = -1


def write_unigram_file(model: Path, file: Path) -> None:
    """Write the file of a SentencePiece model; raises ValueError when it is none."""
    file.write_bytes(unigram_bytes(read_unigram(model)))


def unigram_bytes(model: UnigramModel) -> bytes:
    """Return the content of the file of a model."""
    # Text cannot spell the first pieces: they stand for what is unknown, and for begin and end.
    pieces = sorted(
        (text.encode(), number)
        for number, (text, _) in enumerate(model.pieces)
        if number >= CONTROL_PIECES and text
    )
    labels, first, piece = _trie([text for text, _ in pieces], [number for _, number in pieces])
    map_bytes = int.from_bytes(model.character_map[:4], "little")
    replacements = model.character_map[4 + map_bytes :]
    header = HEADER.pack(MAGIC, len(labels), len(model.pieces), map_bytes, len(replacements))
    parts = [
        header,
        np.array(first, "<u4").tobytes(),
        np.array(piece, "<i4").tobytes(),
        np.array([score for _, score in model.pieces], "<f4").tobytes(),
        model.character_map[4 : 4 + map_bytes],
        bytes(labels),
        replacements,
    ]
    return b"".join(parts)


def _trie(texts: Sequence[bytes], numbers: Sequence[int]) -> tuple[bytearray, list[int], list[int]]:
    """Return the byte that leads to each node, where its children begin, and what ends there.

    `texts` are sorted. Behind the last node stands once more where its children would end.
    """
    labels, first, piece = bytearray(1), list[int](), [_NOTHING]
    # The texts that pass through a node, and how many of their bytes led there.
    waiting = deque([(0, len(texts), 0)])
    while waiting:
        begin, end, depth = waiting.popleft()
        first.append(len(labels))
        if begin < end and len(texts[begin]) == depth:
            # A piece comes before those that begin with it; the node is already there.
            piece[len(first) - 1] = numbers[begin]
            begin += 1
        while begin < end:
            label, at = texts[begin][depth], begin
            while at < end and texts[at][depth] == label:
                at += 1
            labels.append(label)
            piece.append(_NOTHING)
            waiting.append((begin, at, depth + 1))
            begin = at
    return labels, [*first, len(labels)], piece
