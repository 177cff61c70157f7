"""Recognizing sentences that claim something was done, is being done, or will be.

A model does nothing: whatever commands do, the program says itself. So a sentence of a model that
claims a deed is not true. How a language claims is data, in `languages/<code>/claims.toml`; this is
the mechanism that compares a sentence with it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from pisovereign.languages import LANGUAGES, Language, load_data

_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*['’]?")
# What is denied before one of these says nothing about what comes after it.
_CLAUSE_END = re.compile(r"[,;:–—]|\s-\s")
_MARKUP = re.compile(r"</?tool_\w*")
_GAP = r"(?: \S+){0,12}?"
_BREAK = ","
_UNDECIDED = 6  # words within which a claim shows itself by who does it, or what it is about
_NEAR = 4  # words after somebody who speaks within which they say what they do
_DEEDS = ("done", "do", "doing", "service")
_TELLING = ("thing", "done", "do", "doing", "state", "ready")


class _Forms(msgspec.Struct, frozen=True):
    """The forms of claims: anywhere in a sentence, and at its beginning."""

    claims: tuple[str, ...]
    openings: tuple[str, ...]


class _Data(msgspec.Struct, frozen=True):
    """A data file of claims."""

    contractions: dict[str, str]
    words: dict[str, str]
    forms: _Forms


class _Patterns(NamedTuple):
    """The forms of one language, to be searched in words with a blank around each."""

    contractions: Mapping[str, str]
    claims: re.Pattern[str]
    heading: re.Pattern[str]
    refusal: re.Pattern[str]
    condition: re.Pattern[str]
    acceptance: re.Pattern[str]
    telling: frozenset[str]
    speaking: frozenset[str]
    looking: frozenset[str]
    deeds: frozenset[str]


class ClaimDetector:
    """Recognizes claims in any of the languages that there are data for.

    Args:
        languages: Their codes; a model need not answer in the language that it was asked in.
    """

    def __init__(self, languages: Iterable[Language] = LANGUAGES) -> None:
        self._patterns = tuple(_load(language) for language in languages)

    def claims(self, sentence: str, *, has_looked: bool = False) -> bool:
        """Return whether a sentence claims that something was done, is, or will be.

        Questions claim nothing; a result of a tool that a model makes up claims everything. Who
        `has_looked` may say so: that something was searched or read.
        """
        if _MARKUP.search(sentence):
            return True
        if sentence.rstrip().endswith("?"):
            return False
        return any(
            _claims(sentence, patterns, has_looked=has_looked) for patterns in self._patterns
        )

    def tells_of_itself(self, sentence: str) -> bool:
        """Return whether a sentence says what its speaker does, and not only how things are."""
        return any(
            not patterns.speaking.isdisjoint(_normalized(sentence, patterns.contractions).split())
            for patterns in self._patterns
        )

    def accepts(self, sentence: str) -> bool:
        """Return whether a sentence only says yes: what it says yes to comes after it."""
        return any(
            patterns.acceptance.fullmatch(_plain(_normalized(sentence, patterns.contractions)))
            for patterns in self._patterns
        )

    def may_claim(self, text: str, *, begins: bool) -> bool:
        """Return whether a sentence that goes on with `text` could become a claim.

        Args:
            text: What is new of the sentence, or all of it.
            begins: It is all of it. Otherwise what came before could not.
        """
        if "<" in text:
            return True
        for patterns in self._patterns:
            words = _plain(_normalized(text, patterns.contractions)).split()
            # The last word may be the beginning of a longer one.
            if begins and len(words) - 1 < _UNDECIDED:
                return True
            if not patterns.telling.isdisjoint(words):
                return True
            if not patterns.speaking.isdisjoint(words[-_NEAR:]):
                return True
        return False


def _claims(sentence: str, patterns: _Patterns, *, has_looked: bool) -> bool:
    words = _normalized(sentence, patterns.contractions)
    if has_looked and patterns.looking.issuperset(patterns.deeds.intersection(words.split())):
        words = f" {' '.join(w for w in words.split() if w not in patterns.looking)} "
    if patterns.heading.match(words):
        return True
    # Commas are left out of the forms' sight, but keep what is denied before them apart.
    plain = _plain(words)
    for found in patterns.claims.finditer(plain):
        before = plain[: found.end()]
        if patterns.condition.search(plain[: found.start() + 1]):
            continue
        clause = _clause(words, len(before.split()))
        if not patterns.refusal.search(clause):
            return True
    return False


def _plain(words: str) -> str:
    return words.replace(f" {_BREAK} ", " ")


def _clause(words: str, count: int) -> str:
    """Return the last clause of the first `count` words, with a blank around each of its words."""
    clause: list[str] = []
    for word in words.split():
        if word == _BREAK:
            clause.clear()
            continue
        clause.append(word)
        count -= 1
        if count == 0:
            break
    return f" {' '.join(clause)} "


def _normalized(sentence: str, contractions: Mapping[str, str]) -> str:
    """Return caseless words with a blank around each, contractions as several, commas between."""
    text = sentence.casefold().replace("’", "'")
    parts = []
    for clause in _CLAUSE_END.split(text):
        words = (word.strip("'") for word in _WORD.findall(clause))
        parts.append(" ".join(contractions.get(word, word) for word in words))
    return f" {f' {_BREAK} '.join(parts)} "


@functools.cache
def _load(language: Language) -> _Patterns:
    data = msgspec.convert(load_data(language, "claims"), _Data)
    lists = {name: _alternatives(text) for name, text in data.words.items()}
    claims = [_form(form, lists) for form in data.forms.claims]
    openings = ["^" + _form(form, lists) for form in data.forms.openings]
    return _Patterns(
        contractions={short.replace("’", "'"): long for short, long in data.contractions.items()},
        claims=re.compile("|".join((*claims, *openings))),
        # As the program tells what it did, "Moved: ...", and models copy.
        heading=re.compile(
            f"(?: (?:{lists.get('finished', lists['done'])}|{lists['do']})) {_BREAK} "
        ),
        refusal=re.compile(f" (?:{lists['refusal']})(?= )"),
        condition=re.compile(f" (?:{lists['condition']})(?= )"),
        acceptance=re.compile(f"(?: (?:{lists['acceptance']}))+ "),
        telling=frozenset(
            word
            for name in _TELLING
            for word in _entries(data.words.get(name, ""))
            if " " not in word
        ),
        speaking=frozenset(_entries(data.words["me"])),
        looking=frozenset(_entries(data.words.get("looking", ""))),
        deeds=frozenset().union(*(_entries(data.words.get(name, "")) for name in _DEEDS)),
    )


def _entries(text: str) -> set[str]:
    """Return the words of a list, or its phrases if there are commas in it."""
    entries = text.split(",") if "," in text else text.split()
    return {" ".join(entry.split()).casefold() for entry in entries} - {""}


def _alternatives(text: str) -> str:
    """Return the entries of a list as alternatives of a pattern, the longest first."""
    return "|".join(re.escape(entry) for entry in sorted(_entries(text), key=len, reverse=True))


def _form(form: str, lists: Mapping[str, str]) -> str:
    """Return a form as a pattern over words with a blank around each."""
    pattern = ""
    for part in form.split():
        if part == "…":
            pattern += _GAP
        elif part.startswith("<"):
            name = part.strip("<>*")
            pattern += f"(?: (?:{lists[name]}))" + ("*" if part.endswith("*") else "")
        else:
            pattern += f" {re.escape(part)}"
    return f"{pattern}(?= )"
