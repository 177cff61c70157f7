"""Whether a memory fits what somebody says or asks, which the scores of a search do not tell.

The cosine tells it where a model knows the language: to all-MiniLM-L6-v2 any two German sentences
are similar. Words decide besides, for messages that are not recognized as English, and while there
are no vectors. `bench.retrieval.chat` measures it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pisovereign.languages import LANGUAGES
from pisovereign.languages.detection import language_of
from pisovereign.languages.words import STOP_WORDS, split_words, word_list
from pisovereign.memory.concepts import concepts_in, without_concepts
from pisovereign.memory.statement_head import MODEL
from pisovereign.memory.statements import is_about_self
from pisovereign.search_index.terms import Stemmer

# How many words of a message a memory has to share; one, if the message has no more than that.
SHARED_WORDS = 2
# The first knows English alone. Its cosine of German sentences about different things hardly ever
# reaches so much.
ENGLISH_ONLY, MULTILINGUAL = "all-minilm-l6-v2", MODEL
FOREIGN_THRESHOLD = 0.7
# The least cosine of a question and the fact that answers it, by the multilingual model: where they
# share no word although they are of one language, where they do, and across languages.
ALIKE, SHARING, CROSSING = 0.5, 0.33, 0.35
# The same for a question that may be about anything, and for one about what is the user's.
SURE, SURE_OF_OWN = 0.5, 0.33
# "My husband's name" shares no word with "my wife's name" that tells whose name it is.
# And "what I cannot eat" is no further from "what I eat".
_BESIDES = frozenset().union(
    *(word_list(code, name) for code in LANGUAGES for name in ("naming_words", "passing_words"))
)
# What is so much further from a question than the nearest fact does not answer it.
FURTHER = 0.12


class FitRule:
    """Decides which memories fit a message.

    Args:
        message: What the user says.
        threshold: Least cosine of a message and a memory, by a model that knows their languages.
        stemmer: Compares words.
    """

    def __init__(self, message: str, threshold: float, stemmer: Stemmer) -> None:
        self._english = language_of(message) == "en"
        self._threshold = threshold
        self._shared = SharedWords(message, stemmer)

    def accepts(self, memory: str, cosines: Mapping[str, float]) -> bool:
        """Return whether a memory fits.

        Args:
            memory: Its content.
            cosines: Of the message and it, by each model that has read both.
        """
        english = self._english and ENGLISH_ONLY in cosines and language_of(memory) == "en"
        if any(cosine >= self._least(model, english=english) for model, cosine in cosines.items()):
            return True
        return (not self._english or not cosines) and self._shared.enough(memory)

    def _least(self, model: str, *, english: bool) -> float:
        """Return the least cosine by a model.

        Where message and memory are `english`, the model that knows it best decides.
        """
        if model == ENGLISH_ONLY:
            return self._threshold if self._english else max(self._threshold, FOREIGN_THRESHOLD)
        return self._threshold if not english else max(self._threshold, ALIKE)


class AnswerRule:
    """Decides which facts answer a question about what the user has said.

    It is known that something is asked for, so less is enough than for a message in chat; but
    "my husband" is near to "my wife", so where question and fact are in one language they share a
    word, or are nearer than that.

    Args:
        question: What the user asks.
        threshold: As for `FitRule`, which decides where the multilingual model is away.
        stemmer: Compares words.
    """

    def __init__(self, question: str, threshold: float, stemmer: Stemmer) -> None:
        self._language = language_of(question)
        self._named = NamedConcepts(question, stemmer)
        self._shared = SharedWords(question, stemmer, without=_BESIDES)
        self._otherwise = FitRule(question, threshold, stemmer)

    def accepts(self, fact: str, cosines: Mapping[str, float]) -> bool:
        """Return whether a fact may answer the question; `cosines` as for `FitRule`."""
        if self._named.all_in(fact):
            return True
        cosine = cosines.get(MULTILINGUAL)
        if cosine is None:
            return self._otherwise.accepts(fact, cosines)
        return cosine >= self._least(fact)

    def _least(self, fact: str) -> float:
        if self._shared.count(fact):
            return SHARING
        other = language_of(fact)
        crossing = None not in (self._language, other) and other != self._language
        return CROSSING if crossing else ALIKE


class SureAnswerRule:
    """Decides which facts answer a question that may be about anything.

    It has all words of the question but one, or they were told beside it, and its meaning is near.
    Or it is about what is the user's, and all that it speaks of goes by several names, of which the
    fact has one: "What am I allergic to?"

    Args:
        question: What the user asks.
        stemmer: Compares words.
    """

    def __init__(self, question: str, stemmer: Stemmer) -> None:
        self._shared = SharedWords(question, stemmer, without=_BESIDES)
        self._named = NamedConcepts(question, stemmer)
        self._is_own = is_about_self(question)

    def accepts(self, fact: str, beside: Sequence[str], cosines: Mapping[str, float]) -> bool:
        """Return whether a fact certainly answers the question.

        Args:
            fact: Its content.
            beside: What was told at about the same time.
            cosines: Of the question and the fact, by each model that has read both.
        """
        if self._is_own and self._named.all_in(fact):
            return True
        if not self._shared.count(fact) or not self._shared.nearly_all_in(fact, *beside):
            return False
        least = SURE_OF_OWN if self._is_own else SURE
        return cosines.get(MULTILINGUAL, 0.0) >= least


def nearest_only(cosines: list[Mapping[str, float]]) -> list[bool]:
    """Return which of several facts are about as near to a question as the nearest of them."""
    known = [each.get(MULTILINGUAL) for each in cosines]
    best = max((cosine for cosine in known if cosine is not None), default=0.0)
    return [cosine is None or cosine >= best - FURTHER for cosine in known]


class NamedConcepts:
    """Compares what a question speaks of by one of several names with what facts speak of.

    Args:
        question: What the user asks.
        stemmer: Compares words.
    """

    def __init__(self, question: str, stemmer: Stemmer) -> None:
        self._named = concepts_in(question)
        self._rest = SharedWords(without_concepts(question), stemmer, without=_BESIDES)

    def all_in(self, fact: str) -> bool:
        """Return whether a fact speaks of all of it, and has each other word of the question."""
        if not self._named or not self._named <= concepts_in(fact):
            return False
        return self._rest.all_in(fact)


class SharedWords:
    """Compares the words of a message, without stop words, with those of memories."""

    def __init__(
        self, message: str, stemmer: Stemmer, *, without: frozenset[str] = frozenset()
    ) -> None:
        self._stemmer = stemmer
        self._wanted = [
            set(stemmer.parts(word))
            for word in dict.fromkeys(split_words(message))
            if word not in STOP_WORDS and word not in without
        ]

    def count(self, memory: str) -> int:
        """Return how many of the message's words the memory has in any form."""
        present = set(self._stemmer.parts(memory))
        return sum(not present.isdisjoint(parts) for parts in self._wanted)

    def nearly_all_in(self, *texts: str) -> bool:
        """Return whether the texts together have all of the message's words; of three, two do."""
        missing = self._missing_in(*texts)
        return missing == 0 or (missing == 1 and len(self._wanted) > SHARED_WORDS)

    def all_in(self, text: str) -> bool:
        """Return whether a text has all of the message's words."""
        return not self._missing_in(text)

    def _missing_in(self, *texts: str) -> int:
        present = {part for text in texts for part in self._stemmer.parts(text)}
        return sum(present.isdisjoint(parts) for parts in self._wanted)

    def enough(self, memory: str) -> bool:
        """Return whether they are so many that the memory fits."""
        return self.count(memory) >= (SHARED_WORDS if len(self._wanted) > SHARED_WORDS else 1)
