"""Words of commands with one letter wrong, "alram", "tomorow", and shorthand: "u", "whats".

Only words that no language has among its common words, its keywords and the usual words near them
(`near_words.toml`, by how often they are written) are taken for typos, and only for a keyword that
is one edit away: a letter too many, missing, or wrong, or two that changed places. Titles are made
of other words. In a message that is understood as it is, only the words that say when are
corrected: else "tomorow at 9" is today at nine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pisovereign.languages import LANGUAGES, Language, load_data
from pisovereign.languages.messages import load_messages
from pisovereign.languages.words import STOP_WORDS, one_edit_apart, word_list

# In shorter words one letter more or less makes too many others; those that say when are corrected
# wherever they stand, also in a name.
_SHORTEST, _SHORTEST_TIME = 4, 5
_WORD = re.compile(r"(?<![\w'])[^\W\d_]+(?![\w'])")


class SpellingCorrector:
    """Corrects the keywords of every language, and writes out what is shortened."""

    def __init__(self) -> None:
        self._keywords = {language: keywords_of(language) for language in LANGUAGES}
        self._times = {language: _time_words(language) for language in LANGUAGES}
        self._shorthand = {
            language: load_data(language, "shorthand")["words"] for language in LANGUAGES
        }
        self._known = STOP_WORDS.union(
            *self._keywords.values(),
            *(word_list(language, "command_words") for language in LANGUAGES),
            *(word_list(language, "near_keywords") for language in LANGUAGES),
            *(load_data(language, "near_words")["words"].split() for language in LANGUAGES),
        )

    def correct(self, language: Language, text: str) -> str:
        """Return a message in a language as it is usually spelled; the same if it is so already."""
        return self._corrected(text, self._keywords[language], self._shorthand[language])

    def correct_times(self, language: Language, text: str) -> str:
        """Return a message with the words that say when as they are usually spelled."""
        return self._corrected(text, self._times[language], {})

    def _corrected(self, text: str, keywords: frozenset[str], shorthand: Mapping[str, str]) -> str:

        def replacement(match: re.Match[str]) -> str:
            word = match[0].casefold()
            if word in shorthand:
                return str(shorthand[word])
            if len(word) < _SHORTEST or word in self._known:
                return match[0]
            near = [keyword for keyword in keywords if one_edit_apart(word, keyword)]
            return near[0] if len(near) == 1 else match[0]

        return _WORD.sub(replacement, text)


def keywords_of(language: Language) -> frozenset[str]:
    """Return the words that commands turn on, with those that say when."""
    words = word_list(language, "keywords") | _time_words(language)
    return frozenset(word for word in words if len(word) >= _SHORTEST)


def _time_words(language: Language) -> frozenset[str]:
    """Return the words that say when, with the names of days and months."""
    dates = " ".join(load_messages(language, "actions").calendar_words()).casefold().split()
    words = word_list(language, "time_words").union(dates)
    return frozenset(word for word in words if len(word) >= _SHORTEST_TIME)
