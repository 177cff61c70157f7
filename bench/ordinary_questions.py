"""Thirty questions of every day in three languages, alone or about a text of four hundred words.

The texts are pages of `docs/decisions`: prose that is there in every clone, and changes seldom.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

import msgspec

QUESTIONS = Path(__file__).parent / "data" / "ordinary_questions.toml"
TEXTS = Path(__file__).resolve().parents[1] / "docs" / "decisions"
WORDS = 400
# So far a text is moved on when it is used again: its beginning is another one then.
_MOVED = 7


class Phrases(msgspec.Struct, frozen=True):
    """What is asked in one language.

    Attributes:
        openings: what may stand before a question, the first is nothing.
        questions: questions that stand for themselves.
        about_texts: questions about a text.
    """

    openings: list[str]
    questions: list[str]
    about_texts: list[str]


class OrdinaryQuestions:
    """All of them, so that no two rounds ask the same: what was computed is of no use again.

    Args:
        languages: the phrases of each language, with as many questions each.
        texts: the words of texts, each with enough of them.
    """

    def __init__(self, languages: Sequence[Phrases], texts: Sequence[Sequence[str]]) -> None:
        self._languages = languages
        self._texts = texts
        self.most_rounds = min(len(phrases.openings) for phrases in languages)

    @classmethod
    def load(cls) -> OrdinaryQuestions:
        """Read questions and texts from their files."""
        tables = tomllib.loads(QUESTIONS.read_text(encoding="utf-8"))
        pages = (page.read_text(encoding="utf-8").split() for page in sorted(TEXTS.glob("0*.md")))
        languages = msgspec.convert(tables, dict[str, Phrases]).values()
        return cls(list(languages), [words for words in pages if len(words) > WORDS * 5 // 4])

    def short(self, number: int) -> list[str]:
        """Return all questions, the languages in turns, behind the opening of a round from 0.

        Raises:
            ValueError: there are fewer openings.
        """
        if number >= self.most_rounds:
            raise ValueError(f"the openings last for {self.most_rounds} rounds")
        by_language = [
            [phrases.openings[number] + question for question in phrases.questions]
            for phrases in self._languages
        ]
        return [question for together in zip(*by_language, strict=True) for question in together]

    def long(self, number: int) -> list[str]:
        """Return as many questions, each below another text, for a round from 0."""
        count = sum(len(phrases.questions) for phrases in self._languages)
        return [self._below_text(number * count + at) for at in range(count)]

    def _below_text(self, number: int) -> str:
        words = self._texts[number % len(self._texts)]
        begin = _MOVED * (number // len(self._texts)) % (len(words) - WORDS)
        asked = self._languages[number % len(self._languages)].about_texts
        question = asked[number // len(self._languages) % len(asked)]
        return f"{' '.join(words[begin : begin + WORDS])}\n\n{question}"
