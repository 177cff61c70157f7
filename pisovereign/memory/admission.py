"""Which of the memories that a search found fit a message well enough to be told to the model.

A search always finds something, and its scores say only what fits best. Whether that fits at all is
told by the cosine, but only in English: to all-MiniLM-L6-v2 any two German sentences are alike. So
for a message that is not recognized as English, words decide. `bench.retrieval.chat` measures it.
"""

from __future__ import annotations

from pisovereign.languages.detection import is_english
from pisovereign.languages.words import STOP_WORDS, split_words
from pisovereign.memory.terms import Stemmer

# How many of a message's words a memory has to share; one, if there are not more than that.
SHARED_WORDS = 2
# German sentences about different things hardly ever reach it.
FOREIGN_THRESHOLD = 0.7


class Admission:
    """The rule for one message.

    Args:
        message: What the user says.
        threshold: Least cosine for a message in English.
        stemmer: Compares words.
    """

    def __init__(self, message: str, threshold: float, stemmer: Stemmer) -> None:
        english = is_english(message)
        self._least_cosine = threshold if english else max(threshold, FOREIGN_THRESHOLD)
        self._by_words = not english
        self._shared = SharedWords(message, stemmer)

    def admits(self, memory: str, cosine: float | None) -> bool:
        """Whether a memory's text fits; `cosine` is None when the model has not read both."""
        if cosine is not None and cosine >= self._least_cosine:
            return True
        return (self._by_words or cosine is None) and self._shared.enough(memory)


class SharedWords:
    """Compares the words of a message, but for the small ones, with those of memories."""

    def __init__(self, message: str, stemmer: Stemmer) -> None:
        self._stemmer = stemmer
        self._asked = [
            set(stemmer.parts(word))
            for word in dict.fromkeys(split_words(message))
            if word not in STOP_WORDS
        ]

    def count(self, memory: str) -> int:
        """How many of the message's words the memory has in any form."""
        there = set(self._stemmer.parts(memory))
        return sum(not there.isdisjoint(parts) for parts in self._asked)

    def enough(self, memory: str) -> bool:
        """Whether these are so many that it fits."""
        return self.count(memory) >= (SHARED_WORDS if len(self._asked) > SHARED_WORDS else 1)
