from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.engine.token_trie import Ids, TokenTrie


class Starts:
    """Allows what one of some texts starts with, and counts questions."""

    def __init__(self, pieces: list[bytes], *texts: bytes) -> None:
        self._pieces = pieces
        self._texts = texts
        self.asked: list[int] = []

    def __call__(self, ids: Ids) -> np.ndarray:
        self.asked += ids.tolist()
        return np.array(
            [any(text.startswith(self._pieces[n]) for text in self._texts) for n in ids], bool
        )


def test_only_what_hangs_under_allowed_tokens_is_asked_about() -> None:
    pieces = [b"n", b"na", b"name", b"nb", b"nbx", b"x", b"xy", b"", b"name"]
    ask = Starts(pieces, b"name: 1")
    assert sorted(TokenTrie(pieces, ()).allowed(ask)) == [0, 1, 2, 8]
    assert sorted(ask.asked) == [0, 1, 2, 3, 5, 8]


def test_half_characters_have_nothing_under_them() -> None:
    pieces = ["é".encode()[:1], "é".encode(), "és".encode(), b"a"]
    ask = Starts(pieces, "és".encode())
    forest = TokenTrie(pieces, ())
    assert sorted(forest.allowed(ask)) == [0, 1, 2]
    refuses_halves = Starts([b"?", *pieces[1:]], "és".encode())
    assert sorted(forest.allowed(refuses_halves)) == [1, 2]


def test_ends_are_asked_about_whatever_their_bytes_and_silent_tokens_never() -> None:
    pieces = [b"<", b"<end>", b"", b""]
    forest = TokenTrie(pieces, {1, 3})
    assert forest.known.tolist() == [True, True, False, True]
    assert sorted(forest.allowed(lambda ids: ids != 0)) == [1, 3]


def test_a_vocabulary_of_nothing() -> None:
    assert len(TokenTrie([b""], ()).allowed(lambda ids: ids >= 0)) == 0


@given(
    st.lists(st.text("abé€", max_size=4).map(str.encode), min_size=1, max_size=40),
    st.lists(st.text("abé€", max_size=6).map(str.encode), max_size=3),
)
def test_it_finds_what_asking_about_everything_finds(
    pieces: list[bytes], texts: list[bytes]
) -> None:
    ask = Starts(pieces, *texts)
    spoken = np.array([n for n, piece in enumerate(pieces) if piece], np.int64)
    found = TokenTrie(pieces, ()).allowed(ask)
    assert sorted(found) == spoken[ask(spoken)].tolist()
