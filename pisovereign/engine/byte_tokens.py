"""A vocabulary by bytes: a token for each single one, and what continues a text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]


class ByteTokens:
    """Finds out by which bytes a text may go on, and whether a token crosses its end.

    Args:
        pieces: bytes of each token; one without any is left out.
        ends: tokens that stand for the end of a text.

    Attributes:
        complete: whether every byte that begins a token is a token of its own. Without that, asking
            about single bytes does not tell what may come next.
        bytes: the single bytes, ascending.
        ids: the tokens of `bytes`, in that order, and after them those of the end.
        letters: two letters; where both may come, nothing in particular must.
        longest: length of the longest piece, in bytes.
    """

    def __init__(self, pieces: Sequence[bytes], ends: Collection[int]) -> None:
        spoken = [token for token, piece in enumerate(pieces) if piece and token not in ends]
        single: dict[int, int] = {}
        for token in spoken:
            if len(pieces[token]) == 1:
                single.setdefault(pieces[token][0], token)
        self.complete = single.keys() >= {pieces[token][0] for token in spoken}
        self.bytes = bytes(sorted(single))
        self.ids: Ids = np.array([*(single[byte] for byte in self.bytes), *sorted(ends)], np.int64)
        self.letters: Ids = np.array([single[byte] for byte in b"aT" if byte in single], np.int64)
        self._sorted = sorted({pieces[token] for token in spoken})
        self.longest = max(map(len, self._sorted), default=0)

    def crosses(self, text: bytes, following: Iterable[int]) -> bool:
        """Return whether a token begins with the text and goes on with one of these bytes."""
        pieces = self._sorted
        for byte in following:
            start = text + bytes([byte])
            at = bisect_left(pieces, start)
            if at < len(pieces) and pieces[at].startswith(start):
                return True
        return False
