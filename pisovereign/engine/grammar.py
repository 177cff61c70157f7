"""Constraining answers to a JSON schema with llama.cpp's grammar engine."""

from __future__ import annotations

import codecs
from collections.abc import Collection
from typing import Any

import llama_cpp
import numpy as np
from numpy.typing import NDArray

from pisovereign.engine.errors import InvalidRequest
from pisovereign.engine.forced_text import allowed_tokens, forced_tokens
from pisovereign.engine.sampling import Ids
from pisovereign.engine.vocab import Vocab


class GrammarConstraint:
    """A grammar's state along one answer.

    llama.cpp sees a control token as its name, which a string of the schema could hold. Here such a
    token is never allowed, except those that end an answer, where the grammar is complete, and
    those that the grammar names by number; such a grammar must not let text spell their names.

    Args:
        vocab: the model's vocabulary.
        grammar: what `compile_form` or `compile_calls` wrote.
        controls: control tokens that are part of what is to be written.
        field: where in the request the grammar comes from, for errors.

    Raises:
        InvalidRequest: llama.cpp does not accept the grammar.
    """

    def __init__(
        self,
        vocab: Vocab,
        grammar: str,
        controls: Collection[int] = (),
        field: str = "response_format",
    ) -> None:
        self._handle: Any = llama_cpp.llama_sampler_init_grammar(
            vocab.handle, grammar.encode("utf-8", "replace"), b"root"
        )
        if not self._handle:
            raise InvalidRequest(f"{field}: the JSON schema cannot be used as a grammar")
        self._vocab = vocab
        self._forest = vocab.forest
        self._controls = np.array(sorted(controls), np.int64)
        self._utf8 = codecs.getincrementaldecoder("utf-8")("replace")

    def allowed(self, ids: Ids) -> NDArray[np.bool_]:
        """Return which of these tokens may come next; the cost is linear in their number."""
        known = self._forest.known[ids]
        if len(self._controls):
            known = known | np.isin(ids, self._controls)
        return allowed_tokens(self._handle, ids) & known

    def mask(self, size: int) -> NDArray[np.bool_]:
        """Return which of the `size` tokens of the vocabulary may come next.

        Where the text has to go on in one of few ways, as between the values of a JSON text, this
        asks about few of them; inside a string about nearly all: some 0.1 microseconds each.
        """
        mask = np.zeros(size, np.bool_)
        if self._utf8.getstate()[0]:
            # In the middle of a character the forest, which is one of whole ones, says nothing.
            ids = np.arange(size)
            mask[ids] = self.allowed(ids)
        else:
            mask[self._forest.allowed(self.allowed)] = True
            if len(self._controls):
                mask[self._controls] = self.allowed(self._controls)
        return mask

    def accept(self, token: int) -> None:
        """Move on by a token that `allowed` has let through."""
        llama_cpp.llama_sampler_accept(self._handle, token)
        self._utf8.decode(self._vocab.piece(token))

    def forced(self, most: int) -> list[int]:
        """Return the tokens that must come next, at most so many; the state stays as it is."""
        if self._utf8.getstate()[0]:
            return []
        return forced_tokens(self._vocab, self._handle, self._controls, most)

    def __del__(self) -> None:
        if getattr(self, "_handle", None):
            llama_cpp.llama_sampler_free(self._handle)
