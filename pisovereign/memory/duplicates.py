"""Recognizing that a new memory says what an old one says already.

A high cosine alone does not tell: with MiniLM, two memories that differ in one digit of a number
have 0.98, "wants to buy a boat" and "buys a boat" 0.95, while one sentence in two wordings often
has 0.94. Merging the first two pairs would lose information. So the words decide as well: both
texts have the same ones, or one continues after all that the other says and takes none of it back.
"""

from __future__ import annotations

from collections.abc import Sequence

from pisovereign.search_index.terms import Stemmer, Word

# All of these are stems. Words that deny or limit what was said before them:
_DENIALS = frozenset(
    (
        "no", "not", "never", "nor", "none", "without", "cannot", "kein", "nicht", "nie",
        "niemal", "ohn", "if", "unless", "only", "except", "until", "mayb", "but", "wenn", "fall",
        "nur", "auss", "bis", "vielleicht", "aber",
    )
)  # fmt: skip
# Words that begin a further statement, as punctuation does:
_LINKS = frozenset(
    (
        "and", "und", "with", "mit", "in", "im", "at", "on", "auf", "becaus", "weil", "sinc",
        "seit",
    )
)  # fmt: skip
_PAUSES = frozenset(",;:.!?()[]–—\n")
# Words whose absence changes nothing. Other stop words matter: "I" and "me" tell who owes whom.
_FILLERS = frozenset(("a", "an", "the", "der", "die", "das", "ein", "eine", "einen", "einem"))


def covers(longer: str, shorter: str, stemmer: Stemmer) -> bool:
    """Return whether `longer` says all that `shorter` says in the same words, and denies none."""
    said = stemmer.sequence(shorter, without=_FILLERS)
    if not said:
        return longer.strip() == shorter.strip()
    words = stemmer.sequence(longer, without=_FILLERS)
    if len(words) < len(said) or not all(map(_same, said, words)):
        return False
    added = words[len(said) :]
    return not added or (_goes_on(added[0]) and not any(map(_denies, added)))


def _same(one: Word, other: Word) -> bool:
    return not set(one.stems).isdisjoint(other.stems)


def _goes_on(word: Word) -> bool:
    return not _PAUSES.isdisjoint(word.before) or _has(word.stems, _LINKS)


def _denies(word: Word) -> bool:
    contracted = any(stem.endswith(("n't", "n’t")) for stem in word.stems)
    return contracted or _has(word.stems, _DENIALS)


def _has(stems: Sequence[str], among: frozenset[str]) -> bool:
    return not among.isdisjoint(stems)
