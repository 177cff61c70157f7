"""The forms in which a language says orders and questions.

What several actions share is in its data file `forms.toml`, the rest in the files of the actions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from pisovereign.languages import Language, load_data
from pisovereign.languages.actions import ActionWords, merged
from pisovereign.languages.patterns import Pattern, PatternExpander
from pisovereign.reading.patterns import CUT, CommandPatterns
from pisovereign.reading.times.patterns import TimePatterns

# Possessive, since times that are cut out can be parted in no other way.
_TIME = f"{CUT}++"
# What is said in one of the forms is short; what is longer would take long to compare.
_LONGEST = 120
_ADDRESS = re.compile(r"https?://[^\s]+")
Spans = Mapping[str, tuple[int, int]]


class Contradiction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words that rule something out.

    Attributes:
        intents: How the intents begin that a sentence does not have.
        pattern: What such a sentence matches.
    """

    intents: tuple[str, ...]
    pattern: Pattern


class FormsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The data file.

    Attributes:
        refusals: What forbids to read anything with an effect from a sentence of no known form.
        remark: What tells how something is, beside an order, and asks for nothing itself.
        anaphora: Words for what was named before.
        form_order: In which order forms are tried, by what they ask for. Those that are not in it
            come after these, in the order of the actions.
        parts: Patterns that others, and those of actions, refer to.
        signals: What tells single arguments that several actions have.
        words: Single words: `at` stands before an hour.
        repeats: How often something is to happen again, by `Repeat`.
        unserved: What nothing here can do, and what could be taken for something else.
        contradictions: What sentences with certain words are not.
    """

    refusals: Pattern
    remark: Pattern
    anaphora: Pattern
    form_order: tuple[str, ...]
    parts: Mapping[str, Pattern]
    signals: Mapping[str, str | tuple[tuple[str, str], ...]]
    repeats: Mapping[str, tuple[str, ...]]
    words: Mapping[str, str]
    unserved: Mapping[str, Pattern]
    contradictions: tuple[Contradiction, ...]


class Form(NamedTuple):
    """A sentence that has one of the forms: what it asks for, and where its arguments are."""

    intent: str
    spans: Spans


class Forms:
    """The forms of one language, compiled.

    Args:
        language: Its code.
        patterns: Its patterns for commands, of which forms use the nouns for events.
        times: Its patterns for times, of which forms use numbers and weekdays.
        actions: Its words for each action, in the order of these.

    Raises:
        ValueError: A file is not as it has to be, or two of them have the same entry.
    """

    def __init__(
        self,
        language: Language,
        patterns: CommandPatterns,
        times: TimePatterns,
        actions: Sequence[ActionWords],
    ) -> None:
        file = msgspec.convert(load_data(language, "forms"), FormsFile)
        signals = merged((file.signals, *(words.signals for words in actions)))
        numbers = "|".join(map(re.escape, sorted(times.numbers, key=len, reverse=True)))
        named: dict[str, Pattern] = {
            **merged((file.parts, *(words.parts for words in actions))),
            "t": _TIME,
            "event_nouns": patterns.events.nouns,
            "number_words": numbers or "(?!)",
        }
        expander = PatternExpander(named)
        self._forms = [
            (intent, re.compile(expanded), CUT in expanded)
            for intent, forms in _ordered(merged(words.forms for words in actions), file.form_order)
            for form in forms
            if (expanded := expander.expand(form))
        ]
        self._carriers = {
            intent: tuple(re.compile(expander.expand(carrier)) for carrier in carriers)
            for intent, carriers in merged(words.carriers for words in actions).items()
        }
        self._signals = {
            name: ((("", re.compile(expander.expand(signal))),))
            if isinstance(signal, str)
            else tuple((value, re.compile(expander.expand(of))) for value, of in signal)
            for name, signal in signals.items()
        }
        self._words = dict(file.words)
        self._unserved = {n: re.compile(expander.expand(p)) for n, p in file.unserved.items()}
        self._contradictions = [
            (each.intents, re.compile(expander.expand(each.pattern)))
            for each in file.contradictions
        ]
        self._list = re.compile(expander.expand("{list_there}"))
        self._anaphora = re.compile(expander.expand(file.anaphora))
        self._remark = re.compile(expander.expand(file.remark))
        self.repeats = [
            (repeat, re.compile(expander.expand(pattern)))
            for repeat, patterns_of in file.repeats.items()
            for pattern in patterns_of
        ]

    def match(self, normalized: str, cut: str) -> Iterator[Form]:
        """Yield each form that a sentence has, in the order in which they count.

        Args:
            normalized: The sentence.
            cut: The same with `CUT` for each character of its times; forms without a time do not
                take it for one.
        """
        if len(_ADDRESS.sub("", normalized)) > _LONGEST:
            return
        for intent, form, timed in self._forms:
            if match := form.fullmatch(cut if timed else normalized):
                yield Form(intent, _spans(match))

    def is_remark(self, normalized: str) -> bool:
        """Return whether a clause tells how something is, and asks for nothing."""
        return len(normalized) <= _LONGEST and bool(self._remark.match(normalized))

    def refers_back(self, normalized: str) -> bool:
        """Return whether a clause names something only by a word for what was named before."""
        return bool(self._anaphora.search(normalized))

    def carriers(self, intent: str) -> tuple[re.Pattern[str], ...]:
        """Return what is taken out of a sentence that asks for something."""
        return self._carriers.get(intent, ())

    def signal(self, name: str, cut: str) -> tuple[str, Spans] | None:
        """Return the value of the first signal of a name that a sentence has, and its groups."""
        for value, pattern in self._signals.get(name, ()):
            if match := pattern.search(cut):
                return value, _spans(match) | {"": match.span()}
        return None

    def unserved(self, normalized: str) -> str | None:
        """Return what a sentence asks for if it is known that nothing here can do it."""
        if len(normalized) > _LONGEST:
            return None
        found = (name for name, pattern in self._unserved.items() if pattern.search(normalized))
        return next(found, None)

    def contradict(self, intent: str, normalized: str) -> bool:
        """Return whether words of a sentence rule an intent out."""
        return len(normalized) <= _LONGEST and any(
            intent.startswith(intents) and pattern.search(normalized)
            for intents, pattern in self._contradictions
        )

    def words(self, name: str) -> str:
        """Return single words of the language."""
        return self._words[name]

    def list_name(self, cut: str) -> tuple[int, int] | None:
        """Return where the name of a list stands in a sentence."""
        for match in self._list.finditer(cut):
            if found := _spans(match).get("list"):
                return found
        return None

    def split(self, text: str) -> tuple[str, ...]:
        """Return the things that a text lists."""
        ((_, pattern),) = self._signals["and"]
        return tuple(part for piece in pattern.split(text) if (part := piece.strip(" ,;.")))


def _ordered(
    forms: Mapping[str, tuple[str, ...]], order: Sequence[str]
) -> list[tuple[str, tuple[str, ...]]]:
    if unknown := [intent for intent in order if intent not in forms]:
        raise ValueError(f"form_order: there are no forms of {', '.join(unknown)}")
    place = {intent: number for number, intent in enumerate(order)}
    return sorted(forms.items(), key=lambda entry: place.get(entry[0], len(place)))


def _spans(match: re.Match[str]) -> dict[str, tuple[int, int]]:
    return {
        name.rstrip("0123456789"): match.span(name)
        for name, value in match.groupdict().items()
        if value is not None
    }
