"""The tokenizers of embedding models: those of our own where they know the vocabulary."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from tokenizers import Tokenizer

from pisovereign.engine.errors import ModelError
from pisovereign_native.unigram import Unigram
from pisovereign_native.wordpiece import WordPiece

UNIGRAM, LIBRARY, VOCABULARY = "unigram.bin", "tokenizer.json", "vocab.txt"


class EmbeddingTokenizer(Protocol):
    """Makes tokens of texts."""

    def encode(self, text: str, max_tokens: int) -> list[int]:
        """Return the tokens of a text, at most `max_tokens`."""


def open_tokenizer(folder: Path, max_tokens: int) -> EmbeddingTokenizer:
    """Return the fastest tokenizer that a folder has the files for.

    Raises:
        ModelError: there is none, or its files are damaged.
    """
    try:
        if (folder / UNIGRAM).is_file():
            return Unigram.from_file(folder / UNIGRAM)
        return _Library(folder, max_tokens)
    except ValueError as error:
        raise ModelError(f"cannot read the tokenizer in {folder}: {error}") from None


class _Library:
    """`tokenizer.json`, and our own WordPiece for what it covers."""

    def __init__(self, folder: Path, max_tokens: int) -> None:
        path = folder / LIBRARY
        if not path.is_file():
            raise ModelError(f"there is no embedding model file {path}")
        try:
            self._tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # noqa: BLE001 - the library raises nothing more exact
            raise ValueError(str(error)) from None
        # Files may pad and cut at other lengths: batches are padded later, to what they need.
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_tokens)
        vocabulary = folder / VOCABULARY
        self._wordpiece = WordPiece.from_file(vocabulary) if vocabulary.is_file() else None

    def encode(self, text: str, max_tokens: int) -> list[int]:
        """Return the tokens of a text."""
        ids = self._wordpiece.encode(text, max_tokens) if self._wordpiece else None
        # Letters outside the native tables: the library knows them all.
        return self._tokenizer.encode(text).ids if ids is None else ids
