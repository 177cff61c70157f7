"""Short questions and requests about the present, which a language model may name a command for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pisovereign.reading.patterns import CommandPatterns
from pisovereign.reading.times.expressions import (
    Invalid,
    Past,
    Recurring,
    TimePhrase,
    expressions_of,
)
from pisovereign.reading.utterance import Utterance
from pisovereign.reading.vocabulary import Vocabulary, words_of

_MOST_WORDS = 10


class OpenQuestionRules:
    """Recognizes what may be a question, in one language."""

    def __init__(self, patterns: CommandPatterns) -> None:
        self._opening_words = Vocabulary(patterns.opening_words)
        self._articles = re.compile(patterns.articles)
        self._definition = re.compile(patterns.definition)
        self._not_asked = re.compile(patterns.not_asked)

    def fits(self, utterance: Utterance, times: Sequence[TimePhrase]) -> bool:
        """Return whether it is a question or a request in form, and about the present."""
        words = words_of(utterance.normalized)
        if not 0 < len(words) <= _MOST_WORDS or not utterance.is_alone:
            return False
        if self._definition.fullmatch(utterance.normalized) or self._not_asked.search(
            utterance.normalized
        ):
            return False
        if any(isinstance(e, Past | Recurring | Invalid) for e in expressions_of(times)):
            return False
        begins = words[0] in self._opening_words and not self._articles.match(words[0])
        return begins or utterance.is_question or utterance.is_polite
