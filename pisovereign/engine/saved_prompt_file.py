"""The file of a computed prompt, and the fingerprint that tells whether it still is right.

    magic | header's length, 4 bytes | header, JSON | tokens, 4 bytes each | state | checksum

The checksum covers everything before it. Numbers are little endian.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from pisovereign.engine.llama import Context, Entry

_MAGIC = b"PiSovereign computed prompt 1\n"
_LENGTH = struct.Struct("<I")
_CHECKSUM = 32
# Header and tokens take less than this beside a state.
_MOST_BESIDES = 1 << 20


class Unusable(Exception):
    """A file that must not be used; the text says why."""


class _Header(msgspec.Struct, frozen=True):
    identity: str
    tokens: int
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True, eq=False)
class ComputedPrompt:
    """Everything that is needed to continue a prompt, and to tell whether it is right.

    Attributes:
        identity: of model, build and memory layout: elsewhere the state means nothing.
        tokens: the prompt.
        state: bytes that `Context.restore` takes.
        fingerprint: what the model thinks behind the prompt.
    """

    identity: str
    tokens: list[int]
    state: NDArray[np.uint8]
    fingerprint: Fingerprint


def pack(prompt: ComputedPrompt) -> bytes:
    """Return the file's bytes."""
    header = msgspec.json.encode(_Header(prompt.identity, len(prompt.tokens), prompt.fingerprint))
    tokens = np.array(prompt.tokens, "<i4").tobytes()
    body = b"".join((_MAGIC, _LENGTH.pack(len(header)), header, tokens, prompt.state.tobytes()))
    return body + _checksum(body)


def read(path: Path, identity: str, most: int) -> ComputedPrompt:
    """Read a file back.

    Args:
        path: the file.
        identity: what it must have been made with.
        most: most bytes of state that are of use.

    Raises:
        Unusable: it is damaged, too large or of something else.
        OSError: it cannot be read.
    """
    if path.stat().st_size > most + _MOST_BESIDES:
        raise Unusable("it is too large")
    data = memoryview(path.read_bytes())
    body, checksum = data[:-_CHECKSUM], data[-_CHECKSUM:]
    if bytes(body[: len(_MAGIC)]) != _MAGIC:
        raise Unusable("it is something else")
    if checksum != _checksum(body):
        raise Unusable("it is damaged")
    header, rest = _header(body[len(_MAGIC) :])
    if header.identity != identity:
        raise Unusable("it belongs to another model, build or prompt")
    if not 0 < header.tokens <= len(rest) // 4:
        raise Unusable("its sizes do not agree")
    tokens = np.frombuffer(rest[: 4 * header.tokens], "<i4").tolist()
    state = np.frombuffer(rest[4 * header.tokens :], np.uint8)
    return ComputedPrompt(identity, tokens, state, header.fingerprint)


def _header(data: memoryview) -> tuple[_Header, memoryview]:
    try:
        (length,) = _LENGTH.unpack_from(data)
        text = data[_LENGTH.size : _LENGTH.size + length]
        return msgspec.json.decode(text, type=_Header), data[_LENGTH.size + length :]
    except (struct.error, msgspec.DecodeError, UnicodeDecodeError):
        raise Unusable("its header makes no sense") from None


def _checksum(body: bytes | memoryview) -> bytes:
    return hashlib.blake2b(body, digest_size=_CHECKSUM).digest()


# Two, as one token alone is computed by other functions, which round otherwise.
PROBES = 2
_LIKELIEST = 16
# Parts of the logits' spread. The same prompt gave the same bits, whatever pieces it was computed
# in and by how many threads; one with another word in it, of equal length, differed by 0.011 and
# more (x86-64, SmolLM2). What lies between is for processors that round otherwise.
_TOLERANCE = 0.004


class Fingerprint(msgspec.Struct, frozen=True):
    """The likeliest tokens and their logits behind two tokens that are always the same.

    Attributes:
        tokens: the tokens.
        logits: one for each.
        spread: greatest logit minus least.
    """

    tokens: tuple[int, ...]
    logits: tuple[float, ...]
    spread: float


def take(context: Context, seq: int, tokens: Sequence[int]) -> Fingerprint:
    """Return the fingerprint of a sequence of just these tokens; it gets two more.

    Raises:
        DecodeAborted: the context's `abort` was called.
        DecodeFailed: llama.cpp could not compute it.
    """
    logits = _probe(context, seq, tokens)
    likeliest = np.argpartition(logits, -_LIKELIEST)[-_LIKELIEST:]
    values = logits[likeliest]
    return Fingerprint(tuple(likeliest.tolist()), tuple(values.tolist()), float(np.ptp(logits)))


def agrees(context: Context, seq: int, tokens: Sequence[int], known: Fingerprint) -> bool:
    """Return whether a sequence of just these tokens has that fingerprint; it gets two more.

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
