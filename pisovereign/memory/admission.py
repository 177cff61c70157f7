"""Which of the memories that a search found fit a message well enough to be told to the model.

A search always finds something, and its scores say only what fits best. Whether that fits at all is
told by the cosine, but only in English: to all-MiniLM-L6-v2 any two German sentences are alike. So
for a message that is not recognized as English, words decide. `bench.retrieval.chat` measures it.
"""

from __future__ import annotations

from pisovereign.memory.stopwords import ENGLISH, GERMAN, STOP_WORDS
from pisovereign.memory.terms import Stemmer, words

# The share of a message's words that a memory has, or how many when the message is long.
LEAST_SHARE = 1 / 3
ENOUGH_WORDS = 3
# German sentences about different things seldom reach it.
FOREIGN_THRESHOLD = 0.65


class Admission:
    """The rule for one message.

    Args:
        message: What the user says.
        threshold: Least cosine for a message in English.
        stemmer: Compares words.
    """

    def __init__(self, message: str, threshold: float, stemmer: Stemmer) -> None:
        self._stemmer = stemmer
        self._least_cosine = threshold if is_english(message) else max(threshold, FOREIGN_THRESHOLD)
        self._by_words = not is_english(message)
        self._asked = [
            set(stemmer.parts(word))
            for word in dict.fromkeys(words(message))
            if word not in STOP_WORDS
        ]

    def admits(self, memory: str, cosine: float | None) -> bool:
        """Whether a memory's text fits; `cosine` is None when the model has not read both."""
        if cosine is not None and cosine >= self._least_cosine:
            return True
        return (self._by_words or cosine is None) and self._shares_words(memory)

    def _shares_words(self, memory: str) -> bool:
        there = set(self._stemmer.parts(memory))
        shared = sum(not there.isdisjoint(parts) for parts in self._asked)
        return shared >= max(1, min(ENOUGH_WORDS, len(self._asked) * LEAST_SHARE))


def is_english(text: str) -> bool:
    """Whether more of the small words are English than German."""
    found = words(text)
    english = sum(word in ENGLISH and word not in GERMAN for word in found)
    return english > sum(word in GERMAN and word not in ENGLISH for word in found)
