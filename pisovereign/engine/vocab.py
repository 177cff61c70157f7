"""The vocabulary of a loaded model: text to tokens and back."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from functools import cached_property
from typing import Any

import llama_cpp

from pisovereign.engine.errors import ModelError
from pisovereign.engine.templates import ChatTemplate, Segment, Special
from pisovereign.engine.token_trie import TokenTrie


class Vocab:
    """Tokenizer of one model. Safe to use from several threads.

    Args:
        handle: llama.cpp's vocabulary pointer; the model that owns it must outlive this object.
    """

    def __init__(self, handle: Any) -> None:
        self.handle = handle
        self.size: int = llama_cpp.llama_vocab_n_tokens(handle)
        self._pieces: dict[int, bytes] = {}
        self._ends: frozenset[int] = frozenset(
            token for token in range(self.size) if llama_cpp.llama_vocab_is_eog(handle, token)
        )
        self._specials: dict[str, int] = {}

    @cached_property
    def forest(self) -> TokenTrie:
        """Return the vocabulary for grammars; the first use takes a moment."""
        ends = {t for t in self._ends if llama_cpp.llama_vocab_is_eog(self.handle, t)}
        return TokenTrie([self._read_piece(token) for token in range(self.size)], ends)

    def fit(self, template: ChatTemplate) -> None:
        """Look up a template's control tokens, each of which also ends an answer.

        Raises:
            ModelError: the vocabulary lacks one, or holds it as ordinary text, in which case users
                could type it.
        """
        for text in template.specials:
            tokens = self._tokenize(text, parse_special=True)
            if len(tokens) != 1 or not llama_cpp.llama_vocab_is_control(self.handle, tokens[0]):
                raise ModelError(
                    f"the model has no control token {text!r}; "
                    f"it does not fit the template {template.name!r}"
                )
            self._specials[text] = tokens[0]
        self._ends |= frozenset(self._specials[text] for text in template.ends)

    def encode(self, segments: Iterable[Segment]) -> list[int]:
        """Return tokens of a rendered prompt; plain text never becomes a control token."""
        tokens: list[int] = []
        for segment in segments:
            if isinstance(segment, Special):
                tokens.append(self._specials[segment.text])
            elif segment:
                tokens += self._tokenize(segment, parse_special=False)
        return tokens

    def ends_answer(self, token: int) -> bool:
        """Return whether the model says with this token that its turn is over."""
        return token in self._ends

    def piece(self, token: int) -> bytes:
        """Return the token's bytes, not always whole characters; empty for control tokens."""
        piece = self._pieces.get(token)
        if piece is None:
            piece = self._pieces[token] = self._read_piece(token)
        return piece

    def _read_piece(self, token: int) -> bytes:
        size = 64
        while True:
            buffer = ctypes.create_string_buffer(size)
            n: int = llama_cpp.llama_token_to_piece(self.handle, token, buffer, size, 0, False)
            if n >= 0:
                return buffer.raw[:n]
            size = -n

    def _tokenize(self, text: str, *, parse_special: bool) -> list[int]:
        # A lone surrogate can be in JSON but not in UTF-8.
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        buffer = (ctypes.c_int32 * room)()
        n: int = llama_cpp.llama_tokenize(
            self.handle, data, len(data), buffer, room, False, parse_special
        )
        if n < 0:
            raise ValueError(f"a text of {len(data)} bytes gave {-n} tokens")
        return buffer[:n]
