"""When a new memory says what an old one says already.

A high cosine alone does not tell: with MiniLM, two memories that differ in one digit of a number
have 0.98, while one sentence in two wordings often has 0.94. Merging those would lose what was
told. So the words decide too: one text must be the other with nothing but words added, and no
negation among them.
"""

from __future__ import annotations

from collections.abc import Sequence

from pisovereign.memory.terms import Stemmer

# As stems.
_NEGATIONS = frozenset(
    (
        "no",
        "not",
        "never",
        "nor",
        "none",
        "without",
        "cannot",
        "kein",
        "nicht",
        "nie",
        "niemal",
        "ohn",
    )
)
# Words whose absence changes nothing; of other stop words, "I" and "me" tell who owes whom.
_FILLERS = frozenset(("a", "an", "the", "der", "die", "das", "ein", "eine", "einen", "einem"))

Word = tuple[str, ...]


def covers(longer: str, shorter: str, stemmer: Stemmer) -> bool:
    """Whether `longer` says all that `shorter` says, in the same order, and denies none of it."""
    rest = list(stemmer.sequence(shorter, without=_FILLERS))
    added: list[Word] = []
    for word in stemmer.sequence(longer, without=_FILLERS):
        if rest and _same(rest[0], word):
            rest.pop(0)
        else:
            added.append(word)
    return not rest and not any(_is_negation(word) for word in added)


def _same(one: Word, other: Word) -> bool:
    return not set(one).isdisjoint(other)


def _is_negation(word: Sequence[str]) -> bool:
    return any(stem in _NEGATIONS or stem.endswith(("n't", "n’t")) for stem in word)
