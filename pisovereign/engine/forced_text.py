"""Text that a grammar leaves no choice about, as tokens."""

from __future__ import annotations

import ctypes
from typing import Any

import llama_cpp
import numpy as np
from numpy.typing import NDArray

from pisovereign.engine.vocab import Vocab

Ids = NDArray[np.int64]

_FEW = 8  # ways to go on: more there are only inside a string, or where any value may be
_LONGEST_TOKEN = 16  # bytes of forced text that are looked for, for each token
_CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])


def allowed_tokens(grammar: Any, ids: Ids) -> NDArray[np.bool_]:
    """Return which of the tokens llama.cpp's grammar sampler lets through in its state."""
    candidates = np.zeros(len(ids), _CANDIDATE)
    candidates["id"] = ids
    array = llama_cpp.llama_token_data_array(
        data=ctypes.cast(candidates.ctypes.data, llama_cpp.llama_token_data_p),
        size=len(ids),
        selected=-1,
        sorted=False,
    )
    llama_cpp.llama_sampler_apply(grammar, ctypes.byref(array))
    # The grammar only sets logits to minus infinity; it neither moves nor removes candidates.
    finite: NDArray[np.bool_] = np.isfinite(candidates["logit"])
    return finite


def forced_tokens(vocab: Vocab, grammar: Any, controls: Ids, most: int) -> list[int]:
    """Return the tokens that must come next, at most so many; the grammar's state is not changed.

    They are those that the tokenizer makes of the text that must come next. Where a token that
    begins in it and ends behind it might be meant, they end before: the model has to choose.

    Args:
        vocab: the model's vocabulary.
        grammar: llama.cpp's grammar sampler, not in the middle of a character.
        controls: control tokens that the grammar may ask for; they are never forced.
        most: most tokens.
    """
    table = vocab.byte_tokens
    if not table.complete:
        return []
    if len(table.letters) > 1 and allowed_tokens(grammar, table.letters).all():
        return []  # as inside of any text: most of an answer needs no closer look
    text, following = _forced_text(vocab, grammar, controls, _LONGEST_TOKEN * most)
    return _tokens(vocab, text, following)[:most] if text else []


def _forced_text(vocab: Vocab, grammar: Any, controls: Ids, limit: int) -> tuple[bytes, bytes]:
    """Return the bytes that must come next, and those of which one comes after them."""
    table, copy = vocab.byte_tokens, None
    ids = np.concatenate([table.ids, controls])
    text, following = bytearray(), b""
    try:
        while len(text) < limit:
            found = np.flatnonzero(allowed_tokens(copy or grammar, ids))
            following = bytes(table.bytes[at] for at in found if at < len(table.bytes))
            if len(found) != 1 or not following:
                break
            copy = copy or llama_cpp.llama_sampler_clone(grammar)
            llama_cpp.llama_sampler_accept(copy, int(ids[found[0]]))
            text += following
    finally:
        if copy:
            llama_cpp.llama_sampler_free(copy)
    whole = text.decode("utf-8", "ignore").encode()
    return whole, following if len(whole) == len(text) else bytes(text[len(whole) :][:1])


def _tokens(vocab: Vocab, text: bytes, following: bytes) -> list[int]:
    """Return the tokens of a text, up to where one might end behind it."""
    tokens = vocab.tokenize(text.decode())
    pieces = [vocab.piece(token) for token in tokens]
    if b"".join(pieces) != text:
        return []  # this tokenizer changes the beginning of a text
    if len(following) > _FEW:
        # Inside a string, hardly any begins with a sign, and then as well by two tokens as by one.
        following = bytes(byte for byte in following if byte > 0x7F or chr(byte).isalnum())
    for at in range(len(tokens)):
        rest = b"".join(pieces[at:])
        if len(rest) < vocab.byte_tokens.longest and vocab.byte_tokens.crosses(rest, following):
            return tokens[:at]
    return tokens
