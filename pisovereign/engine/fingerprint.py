"""What a model thinks behind a prompt, in a few numbers."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from pisovereign.engine.llama import Context, Entry

# Two, as one token alone is computed by other functions, which round otherwise.
PROBES = 2
_LIKELIEST = 16
# Parts of the logits' spread. The same prompt gave the same bits, whatever pieces it was computed
# in and by how many threads; one with another word in it, of equal length, differed by 0.011 and
# more (x86-64, SmolLM2). What lies between is for processors that round otherwise.
_TOLERANCE = 0.004


class Fingerprint(msgspec.Struct, frozen=True):
    """The likeliest tokens and their logits, after two tokens that always are the same.

    Attributes:
        tokens: the tokens.
        logits: one for each.
        spread: greatest logit minus least.
    """

    tokens: tuple[int, ...]
    logits: tuple[float, ...]
    spread: float


def take(context: Context, seq: int, tokens: Sequence[int]) -> Fingerprint:
    """The fingerprint of a sequence that holds just these tokens, which gets two more.

    Raises:
        DecodeAborted: the context's `abort` was called.
        DecodeFailed: llama.cpp could not compute it.
    """
    logits = _probe(context, seq, tokens)
    likeliest = np.argpartition(logits, -_LIKELIEST)[-_LIKELIEST:]
    values = logits[likeliest]
    return Fingerprint(tuple(likeliest.tolist()), tuple(values.tolist()), float(np.ptp(logits)))


def agrees(context: Context, seq: int, tokens: Sequence[int], known: Fingerprint) -> bool:
    """Whether a sequence that holds just these tokens has that fingerprint; it gets two more.

    Raises:
        DecodeAborted: the context's `abort` was called.
        DecodeFailed: llama.cpp could not compute it.
    """
    logits = _probe(context, seq, tokens)
    ids = np.array(known.tokens, np.int64)
    if not len(ids) == len(known.logits) > 0 or ids.min() < 0 or ids.max() >= len(logits):
        return False
    difference = np.abs(logits[ids] - np.array(known.logits, np.float32)).max()
    return bool(difference <= _TOLERANCE * known.spread)


def _probe(context: Context, seq: int, tokens: Sequence[int]) -> NDArray[np.float32]:
    (logits,) = context.decode([Entry(seq, len(tokens), tokens[:PROBES], sample=True)])
    return logits
