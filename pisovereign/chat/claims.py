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

from pisovereign.chat.claim_automaton import ClaimAutomaton, load_automaton
from pisovereign.chat.claim_data import (
    BREAK,
    GAP,
    LONGEST_GAP,
    SHOWN_BEFORE,
    WORD,
    ClaimData,
    claim_data,
    entries,
    normalized,
)
from pisovereign.languages import LANGUAGES, Language

_MARKUP = re.compile(r"</?tool_\w*")
_GAP = rf"(?: \S+){{0,{LONGEST_GAP}}}?"
_DEEDS = ("done", "do", "doing", "service")
_TELLING = ("thing", "done", "do", "doing", "state", "ready")


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
        self._languages = tuple(languages)
        self._patterns = tuple(map(_load, self._languages))
        self._telling = frozenset().union(*(patterns.telling for patterns in self._patterns))

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
            not patterns.speaking.isdisjoint(normalized(sentence, patterns.contractions).split())
            for patterns in self._patterns
        )

    def accepts(self, sentence: str) -> bool:
        """Return whether a sentence only says yes: what it says yes to comes after it."""
        return any(
            patterns.acceptance.fullmatch(_plain(normalized(sentence, patterns.contractions)))
            for patterns in self._patterns
        )

    def names_deeds(self, text: str) -> bool:
        """Return whether a text has words of deeds, or of what they are done with."""
        return not self._telling.isdisjoint(WORD.findall(text.casefold().replace("’", "'")))

    def automata(self) -> list[ClaimAutomaton]:
        """Return what follows a sentence word by word, for each language."""
        return [load_automaton(language) for language in self._languages]


def _claims(sentence: str, patterns: _Patterns, *, has_looked: bool) -> bool:
    words = normalized(sentence, patterns.contractions)
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
    return words.replace(f" {BREAK} ", " ")


def _clause(words: str, count: int) -> str:
    """Return the last clause of the first `count` words, with a blank around each of its words."""
    clause: list[str] = []
    for word in words.split():
        if word == BREAK:
            clause.clear()
            continue
        clause.append(word)
        count -= 1
        if count == 0:
            break
    return f" {' '.join(clause)} "


@functools.cache
def _load(language: Language) -> _Patterns:
    data = claim_data(language)
    lists = {name: _alternatives(text) for name, text in data.words.items()}
    claims = [_form(form, lists) for form in data.forms.claims]
    openings = ["^" + _form(form, lists) for form in data.forms.openings]
    return _Patterns(
        contractions=data.contractions,
        claims=re.compile("|".join((*claims, *openings))),
        # As the program tells what it did, "Moved: ...", and models copy.
        heading=re.compile(
            f"(?: (?:{lists.get('finished', lists['done'])}|{lists['do']})) {BREAK} "
        ),
        refusal=re.compile(f" (?:{lists['refusal']})(?= )"),
        condition=re.compile(f" (?:{lists['condition']})(?= )"),
        acceptance=re.compile(f"(?: (?:{lists['acceptance']}))+ "),
        telling=_with_contractions(data),
        speaking=frozenset(entries(data.words["me"])),
        looking=frozenset(entries(data.words.get("looking", ""))),
        deeds=frozenset().union(*(entries(data.words.get(name, "")) for name in _DEEDS)),
    )


def _with_contractions(data: ClaimData) -> frozenset[str]:
    """Return the words that tell of deeds, also as they are written shorter."""
    lists = (entries(data.words.get(name, "")) for name in _TELLING)
    words = {entry for each in lists for entry in each if " " not in entry}
    short = {one for one, long in data.contractions.items() if not words.isdisjoint(long.split())}
    return frozenset(words | short)


def _alternatives(text: str) -> str:
    """Return the entries of a list as alternatives of a pattern, the longest first."""
    return "|".join(re.escape(entry) for entry in sorted(entries(text), key=len, reverse=True))


def _form(form: str, lists: Mapping[str, str]) -> str:
    """Return a form as a pattern over words with a blank around each."""
    pattern = ""
    for part in form.split():
        if part == SHOWN_BEFORE:
            continue
        if part == GAP:
            pattern += _GAP
        elif part.startswith("<"):
            name = part.strip("<>*")
            pattern += f"(?: (?:{lists[name]}))" + ("*" if part.endswith("*") else "")
        else:
            pattern += f" {re.escape(part)}"
    return f"{pattern}(?= )"
