"""Noticing that an answer goes round in circles, while it is generated.

Small models at low temperatures fall into repeating the same words for as long as they may. Two
signs end an answer:

- **A loop.** The newest tokens repeat those so many tokens before them, three copies in a row at
  least. Digits count as equal, so that numbered copies are found too; of those there have to be
  more, as tables of numbers look like that.
- **A sentence said again and again**, with others between.

Nothing is held back for it: most of what occurs again goes on otherwise, and whoever reads would
wait for it. So an answer ends in one of the copies, which stays. A token costs two look-ups in a
dictionary and a few comparisons.
"""

from __future__ import annotations

from collections import Counter

_DIGIT = "0"
_SENTENCE_ENDS = (".", "!", "?", "…")
# Lengths in tokens. What they must not end is in tests/engine/test_repetition.py.
_LEAST = 32
_COPIES = 2  # beside the first one
_MOST_BEYOND = 48  # of a long one, beyond its second copy
_EXACT_LEAST = 64  # with the same digits
_EXACT_COPIES = 3
_NUMBERED_LEAST = 128  # with other digits
_NUMBERED_COPIES = 8
_WITHOUT_WORDS = 256
_WORDS_AMONG = 4  # pieces there is at least one word in words
_LEAST_SENTENCE = 6
_SAID_TOO_OFTEN = 5
_MOST_LOOK_BACK = 64


class RepetitionGuard:
    """Reads the tokens of one answer, and says when it repeats itself.

    Attributes:
        looped: The answer repeats itself and is to end before the newest token.
    """

    __slots__ = (
        "_last",
        "_length",
        "_pieces",
        "_said",
        "_sentence",
        "_source",
        "_tokens",
        "looped",
    )

    def __init__(self) -> None:
        self._tokens: list[str] = []  # without blanks, digits alike
        self._pieces: list[str] = []
        self._last: dict[tuple[str, str], int] = {}
        self._source = 0  # the position that the newest token repeats, if `_length` is not 0
        self._length = 0  # how many of the newest tokens repeat earlier ones
        self._sentence = 0  # where the newest sentence begins
        self._said: Counter[tuple[str, ...]] = Counter()
        self.looped = False

    def push(self, piece: str) -> None:
        """Take a token: what it stands for."""
        # A text's first word has no blank before it.
        token = _DIGIT if piece.isdigit() else piece.strip(" ") or piece
        at = len(self._tokens)
        self._tokens.append(token)
        self._pieces.append(piece)
        self._match(at, token)
        self._end_sentence(at, piece)
        if self._length >= _LEAST and self._is_loop(at - self._source):
            self.looped = True

    def _match(self, at: int, token: str) -> None:
        """Find out which earlier tokens the newest ones repeat."""
        if at == 0:
            return
        tokens = self._tokens
        pair = (tokens[at - 1], token)
        if self._length and tokens[self._source + 1] == token:
            self._source += 1
            self._length += 1
        elif (before := self._last.get(pair)) is not None:
            self._source = before
            length, most = 2, min(before + 1, _MOST_LOOK_BACK)
            while length < most and tokens[before - length] == tokens[at - length]:
                length += 1
            self._length = length
        else:
            self._length = 0
        self._last[pair] = at

    def _is_loop(self, distance: int) -> bool:
        """Return whether what repeats the tokens `distance` before it does so too long."""
        if self._length < min(_COPIES * distance, distance + _MOST_BEYOND):
            return False
        period = self._pieces[-distance:]
        with_digits = any(piece.isdigit() for piece in period)
        has_words = _has_words(period)
        if has_words and not with_digits:
            return True
        exact = self._pieces[-self._length :] == self._pieces[-self._length - distance : -distance]
        if not has_words:
            return exact and self._length >= _WITHOUT_WORDS
        copies, least = _NUMBERED_COPIES, _NUMBERED_LEAST
        if exact:
            copies, least = _EXACT_COPIES, _EXACT_LEAST
        return self._length >= max(least, copies * distance)

    def _end_sentence(self, at: int, piece: str) -> None:
        """Begin a new sentence at a token if the one before it has ended."""
        if at in (0, self._sentence):
            return
        before = self._pieces[at - 1]
        ended = before.endswith(_SENTENCE_ENDS) and piece[:1].isspace()
        if ended and self._is_said_again(self._tokens[self._sentence : at]):
            self.looped = True
        if ended or before.endswith("\n"):
            self._sentence = at

    def _is_said_again(self, sentence: list[str]) -> bool:
        """Return whether a sentence that has ended was said too often."""
        pieces = self._pieces[self._sentence : self._sentence + len(sentence)]
        if len(sentence) < _LEAST_SENTENCE or not _has_words(pieces):
            return False
        if not sentence[0].isalpha():
            return False  # prose begins with a word, code with its indentation
        self._said[tuple(sentence)] += 1
        return self._said[tuple(sentence)] >= _SAID_TOO_OFTEN


def _has_words(pieces: list[str]) -> bool:
    """Return whether there is more than numbers and signs."""
    words = sum(len(piece) > 1 and piece.strip().isalpha() for piece in pieces)
    return words * _WORDS_AMONG >= len(pieces)
