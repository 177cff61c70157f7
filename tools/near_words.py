"""Write down which usual words are one letter away from the words that commands turn on.

    pip install wordfreq
    python -m tools.near_words

A typo is corrected only in a word that is none, and how usual a word is tells that. The list of
each language, `languages/<code>/near_words.toml`, is all of it that the program needs.
"""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import wordfreq

from pisovereign.languages import LANGUAGES, Language
from pisovereign.languages.words import one_edit_apart
from pisovereign.reading.spelling import keywords_of

_FOLDER = Path(__file__).parent.parent / "pisovereign" / "languages"
# On Zipf's scale: 3 is once in a million words. Usual typos reach 2.
_USUAL = 2.25
# What is usual, and still a typo.
_TYPOS = frozenset(
    [
        "calender",
        "hous",
        "mornin",
        "toda",
        "wether",
        "augst",
        "iich",
        "kannt",
        "kanst",
        "mch",
        "mih",
        "mogen",
        "sontag",
        "chaques",
        "decembre",
        "evenement",
        "evenements",
        "evénement",
        "fevrier",
        "rapelle",
        "rappele",
        "rappeller",
        "rappellez",
        "reveil",
        "reveils",
        "aujourdhui",
    ]
)
_HEADER = """\
# Words, and names, that are one letter away from a word of commands and no typo of it, made by
# `python -m tools.near_words` of the frequencies of wordfreq 3 (Robyn Speer, CC BY-SA 4.0).
"""


def main() -> int:
    """Write the list of each language."""
    for language in LANGUAGES:
        words = " ".join(sorted(near_words(language)))
        text = textwrap.fill(words, 116, break_long_words=False, break_on_hyphens=False)
        path = _FOLDER / language / "near_words.toml"
        path.write_text(f'{_HEADER}words = """\n{text}\n"""\n', encoding="utf-8")
        sys.stdout.write(f"{language}: {len(words.split())} words\n")
    return 0


def near_words(language: Language) -> set[str]:
    """Return the usual words of a language that are one letter away from one of its keywords."""
    keywords = keywords_of(language)
    found = set()
    for word, frequency in wordfreq.get_frequency_dict(language, wordlist="best").items():
        # The dictionary is in order of nothing; 10 ** (zipf - 9) is the share of all words.
        if not word.isalpha() or frequency < 10 ** (_USUAL - 9) or word in keywords | _TYPOS:
            continue
        if any(abs(len(word) - len(k)) <= 1 and one_edit_apart(word, k) for k in keywords):
            found.add(word)
    return found


if __name__ == "__main__":
    sys.exit(main())
