"""Splitting a message into sentences, with everything that is quoted masked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from pisovereign.languages.patterns import patterns_of_all

# No message contains it, so it cannot be mistaken for text.
MASK = "\0"

# Quotation marks of any language, code, and quoted lines. What is left open goes on to the end.
_QUOTED = re.compile(
    r"""```.*?(?:```|\Z) | `[^`\n]*` | ^[ \t]*[>|].*?$ | „[^“”]*(?:[“”]|\Z) | “[^”]*(?:”|\Z)
    | «[^»]*(?:»|\Z) | »[^«]*(?:«|\Z) | "[^"]*(?:"|\Z) | (?<!\w)['‘‚][^'’‘\n]*['’‘](?!\w)""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_END = re.compile(r"[.!?…]+(?=\s|\0|$)|;\s|\n+")
_SAID = patterns_of_all("sentences")
# A question often follows in the same sentence: "I am vegetarian, what can I cook?"
_ASKING = re.compile(
    rf",\s+(?:{_SAID['linking']}\s+)?"
    rf"(?=(?:{_SAID['question_words']}|{_SAID['question_verbs']})\b)",
    re.IGNORECASE,
)
_ABBREVIATION = re.compile(
    rf"(?:^|[\s(])(?:{_SAID['abbreviations']}|[^\W\d_]|(?:[a-z]\.)+[a-z])$"
    # A month, if a day stands before it.
    rf"|\d\.? ?{_SAID['short_months']}$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?:^|\D)\d{1,2}$")
# Words that continue a sentence after a number and a period: 3. März, 2. Stock. So does lower case.
_GOES_ON = re.compile(rf"\s+(?:[a-zß-öø-ÿ]|{_SAID['after_numbers']})")


_QUESTION_WORDS = rf"{_SAID['question_words']}|{_SAID['first_question_words']}"
_ASKS = re.compile(rf"(?:{_QUESTION_WORDS}|{_SAID['question_verbs']})\b", re.IGNORECASE)
_ASKS_WITH_WORD = re.compile(rf"(?:{_QUESTION_WORDS})\b", re.IGNORECASE)


class Sentence(NamedTuple):
    """One sentence.

    Attributes:
        text: As it was written.
        masked: The same text with each quoted character replaced by `MASK`.
        is_question: It ends with a question mark.
        ends_with_colon: What follows is talked about rather than said to the assistant.
    """

    text: str
    masked: str
    is_question: bool
    ends_with_colon: bool


def is_question(message: str) -> bool:
    """Return whether a message asks something: with a question mark, or as questions begin."""
    text = message.strip()
    return text.endswith("?") or bool(_ASKS.match(text))


def asks_with_question_word(message: str) -> bool:
    """Return whether a message has a question that begins with such a word: why, how, which."""
    return any(
        each.is_question and _ASKS_WITH_WORD.match(each.masked) for each in split_sentences(message)
    )


def split_sentences(message: str) -> Iterator[Sentence]:
    """Yield the sentences of a message in order."""
    masked = _QUOTED.sub(lambda found: MASK * len(found.group()), message)
    start = 0
    for end, stop in _ends(masked):
        is_question = "?" in masked[end:stop]
        asking = _ASKING.search(masked, start, end) if is_question else None
        if asking:
            yield _sentence(message, masked, start, asking.start(), is_question=False)
            start = asking.end()
        yield _sentence(message, masked, start, end, is_question=is_question)
        start = stop


def _ends(masked: str) -> Iterator[tuple[int, int]]:
    """Yield where the words of each sentence end, and where its end mark does."""
    start = 0
    for mark in _END.finditer(masked):
        if mark.group() == "." and _is_abbreviation(masked, start, mark):
            continue
        if masked[start : mark.start()].strip():
            yield mark.span()
            start = mark.end()
    if masked[start:].strip():
        yield len(masked), len(masked)


def _is_abbreviation(masked: str, start: int, mark: re.Match[str]) -> bool:
    before = masked[max(start, mark.start() - 12) : mark.start()]
    if _ABBREVIATION.search(before):
        return True
    return bool(_NUMBER.search(before) and _GOES_ON.match(masked, mark.end()))


def _sentence(message: str, masked: str, start: int, end: int, *, is_question: bool) -> Sentence:
    while start < end and masked[start].isspace():
        start += 1
    while end > start and masked[end - 1].isspace():
        end -= 1
    ends_with_colon = masked[start:end].endswith(":")
    return Sentence(message[start:end], masked[start:end], is_question, ends_with_colon)
