"""The vocabulary of a loaded model: text to tokens and back."""

from __future__ import annotations

import ctypes
import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

import llama_cpp
import numpy as np
from numpy.typing import NDArray

from pisovereign.engine.errors import ModelError
from pisovereign.engine.templates import ChatTemplate, Segment, Special
from pisovereign.engine.templates.special_texts import SpecialTexts, looks_like_markup
from pisovereign.engine.token_trie import TokenTrie

# What the tokenizer leaves alone in a text (control tokens and the one for what is unknown), and
# what it finds in any.
_CONTROL = llama_cpp.LLAMA_TOKEN_ATTR_CONTROL | llama_cpp.LLAMA_TOKEN_ATTR_UNKNOWN
_USER_DEFINED = llama_cpp.LLAMA_TOKEN_ATTR_USER_DEFINED
Ids = NDArray[np.int64]


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
        self._words: re.Pattern[str] | None = None

    @cached_property
    def forest(self) -> TokenTrie:
        """Return the vocabulary for grammars; the first use takes a moment."""
        ends = {t for t in self._ends if llama_cpp.llama_vocab_is_eog(self.handle, t)}
        return TokenTrie([self._read_piece(token) for token in range(self.size)], ends)

    @cached_property
    def special_texts(self) -> SpecialTexts:
        """Return the tokens that mean something to the model; the first use takes a moment."""
        control: dict[str, int] = {}
        words: dict[str, int] = {}
        for token in range(self.size):
            attributes = llama_cpp.llama_vocab_get_attr(self.handle, token)
            if attributes & _CONTROL:
                control.setdefault(self._text(token), token)
            elif attributes & _USER_DEFINED and looks_like_markup(text := self._text(token)):
                words.setdefault(text, token)
        control.pop("", None)
        return SpecialTexts(
            control=control,
            words=words,
            bos=self._text(llama_cpp.llama_vocab_bos(self.handle)),
            eos=self._text(llama_cpp.llama_vocab_eos(self.handle)),
            adds_bos=llama_cpp.llama_vocab_get_add_bos(self.handle),
        )

    @cached_property
    def byte_tokens(self) -> ByteTokens:
        """Return the vocabulary by bytes; the first use takes a moment."""
        ends = {t for t in self._ends if llama_cpp.llama_vocab_is_eog(self.handle, t)}
        return ByteTokens([self._read_piece(token) for token in range(self.size)], ends)

    def fit(self, template: ChatTemplate) -> None:
        """Look up a template's tokens.

        Raises:
            ModelError: the vocabulary lacks one, or holds it as ordinary text, in which case users
                could type it.
        """
        known = self.special_texts
        for text in template.specials:
            token = known.control.get(text, known.words.get(text))
            if token is None:
                raise ModelError(
                    f"the model has no control token {text!r}; "
                    f"it does not fit the template {template.name!r}"
                )
            self._specials[text] = token
        self._ends |= frozenset(self._specials[text] for text in template.ends)
        words = sorted((t for t in template.specials if t not in known.control), key=len)
        self._words = re.compile("|".join(map(re.escape, reversed(words)))) if words else None

    def encode(self, segments: Iterable[Segment]) -> list[int]:
        """Return tokens of a rendered prompt; plain text never becomes one of the template's."""
        tokens: list[int] = []
        for segment in segments:
            if isinstance(segment, Special):
                tokens.append(self._specials[segment.text])
            else:
                for part in self._broken(segment):
                    tokens += self._tokenize(part, parse_special=False)
        return tokens

    def tokenize(self, text: str) -> list[int]:
        """Return tokens of text that the engine itself writes, such as the marks of a call.

        Control tokens are not found in it, but words such as `<tool_call>` are, as in training.
        """
        return self._tokenize(text, parse_special=False)

    def _broken(self, text: str) -> list[str]:
        """Return the text in pieces, so that no token of the template is found in it.

        The tokenizer looks for some of them, such as `<tool_call>`, in any text.
        """
        cuts = [0]
        if self._words is not None:
            cuts += [found.start() + 1 for found in self._words.finditer(text)]
        return [part for a, b in pairwise([*cuts, len(text)]) if (part := text[a:b])]

    def controls(self, text: str) -> dict[str, int]:
        """Return the control tokens that a text spells, by their names."""
        tokens = self._tokenize(text, parse_special=True)
        return {
            self._read_piece(token, special=True).decode("utf-8", "replace"): token
            for token in tokens
            if llama_cpp.llama_vocab_is_control(self.handle, token)
        }

    def ends_answer(self, token: int) -> bool:
        """Return whether the model says with this token that its turn is over."""
        return token in self._ends

    def piece(self, token: int) -> bytes:
        """Return the token's bytes, not always whole characters; empty for control tokens."""
        piece = self._pieces.get(token)
        if piece is None:
            piece = self._pieces[token] = self._read_piece(token)
        return piece

    def _text(self, token: int) -> str:
        if token < 0:
            return ""
        text: bytes = llama_cpp.llama_vocab_get_text(self.handle, token)
        return text.decode("utf-8", "replace")

    def _read_piece(self, token: int, *, special: bool = False) -> bytes:
        size = 64
        while True:
            buffer = ctypes.create_string_buffer(size)
            n: int = llama_cpp.llama_token_to_piece(self.handle, token, buffer, size, 0, special)
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
