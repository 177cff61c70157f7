"""A message as something that refers to what was before it: its markers, times, place and rest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple, Protocol
from uuid import UUID

from pisovereign.dialogue.anchors import Anchored, anchored
from pisovereign.dialogue.lexicon import Lexicon, Marker, Word, split
from pisovereign.languages import Language
from pisovereign.languages.detection import possible_languages
from pisovereign.languages.words import straightened
from pisovereign.reading.time_fragments import TimeSlots

LONGEST = 120
"""What refers to something is short; in characters."""
_LONGEST_PLACE = 4  # words
_MOST_WORDS = 10  # of a message with a bare number
_EDGES = " \t\n,;:.!?–-\"'“”„«»"
_LEADS = frozenset(
    ("filler", "thanks", "greeting", "carrier", "pronoun", "yes", "no", "correct", "also", "place")
)
_POLITE = frozenset(("filler", "thanks"))


# Returns the times in a few words of a language; positions are those of the text.
FindTimes = Callable[[Language, str], TimeSlots]


class Times(Protocol):
    """A finder of times."""

    def times(self, user: UUID, language: Language, text: str, now: dt.datetime) -> TimeSlots:
        """Return the times in a few words of a user; positions are those of `text`."""
        ...


class Reading(NamedTuple):
    """The parts that a message consists of.

    Attributes:
        language: The language it was read in.
        text: The message, with one form of each letter.
        markers: The phrases that refer.
        times: The phrases about time.
        clock: The time of day that a bare number may be; empty if there is none.
        number: The bare number, as written; None: there is none.
        place: What follows "in"; None: nothing does.
        content: What is left, from its first word to its last.
        rest: What is left when only times and what leads up are taken out.
        items: The same, parted at commas and at "and".
        is_question: It ends with a question mark.
        anchored: The moment that it says by something else, as "the evening before"; the words for
            it are in `content` as well. None: it says none.
    """

    language: Language
    text: str
    markers: tuple[Marker, ...]
    times: TimeSlots
    clock: TimeSlots
    number: str | None
    place: str | None
    content: str
    rest: str
    items: tuple[str, ...]
    is_question: bool
    anchored: Anchored | None

    @property
    def unread(self) -> int:
        """Return how many characters say something that is no marker and no time."""
        return len(self.content) + len(self.place or "")

    def has(self, *kinds: str) -> bool:
        """Return whether there is a phrase of one of these kinds."""
        return any(marker.kind in kinds for marker in self.markers)

    def consists_of(self, *kinds: str) -> bool:
        """Return whether there is nothing but phrases of these kinds, and fillers."""
        allowed = {*kinds, *_POLITE}
        spans = {(m.start, m.end) for m in self.markers}
        fitting = {(m.start, m.end) for m in self.markers if m.kind in allowed}
        return spans == fitting and not (self.content or self.place or self.number)

    @property
    def ordinals(self) -> list[int]:
        """Return the places in a list that are named."""
        return [int(marker.value) for marker in self.markers if marker.kind == "ordinal"]

    @property
    def things(self) -> set[str]:
        """Return the kinds of things that are named."""
        return {marker.value for marker in self.markers if marker.kind == "thing"}

    def begins_with(self, *kinds: str) -> bool:
        """Return whether its first phrase but for fillers is of one of these kinds."""
        passed = _POLITE.difference(kinds)
        first = next((m.start for m in self.markers if m.kind not in passed), None)
        if first is None or not self.leads_at(first):
            return False
        return any(m.kind in kinds for m in self.markers if m.start == first)

    def leads_at(self, position: int) -> bool:
        """Return whether nothing but fillers stands before a position."""
        end = max((m.end for m in self.markers if m.start < position), default=0)
        return not self.text[end:position].strip(_EDGES)

    @property
    def talks(self) -> bool:
        """Return whether it says something of its own."""
        return self.has("talk")

    @property
    def when(self) -> TimeSlots:
        """Return the times; if there are none, the time of day that a bare number may be."""
        return self.clock if self.times.is_empty else self.times


class Reader:
    """Reads messages in each language.

    Args:
        lexicons: The words of each language.
    """

    def __init__(self, lexicons: Iterable[Lexicon]) -> None:
        self._lexicons = {lexicon.language: lexicon for lexicon in lexicons}

    def read(
        self, text: str, preferred: Language, find: FindTimes, *, lists: bool
    ) -> list[Reading]:
        """Return the message as read in each language, the preferred one first.

        Those that leave less of it unread come before the others.

        Args:
            text: What was said.
            preferred: What the conversation is in.
            find: Finds the times in it.
            lists: Something was listed, so that "the second" is an entry rather than a day.
        """
        if not text.strip() or len(text) > LONGEST:
            return []
        text = straightened(text)
        words = split(text)
        readings: list[Reading] = []
        for language in self._candidates(text, words, preferred):
            readings.append(self._read(self._lexicons[language], text, words, find, lists))
            if not readings[-1].unread:
                break
        return sorted(readings, key=lambda r: (r.unread, r.language != preferred))

    def _candidates(
        self, text: str, words: Sequence[Word], preferred: Language
    ) -> Iterable[Language]:
        """Return the languages that a message may be in: to read it in each takes its time."""
        has = {code: lexicon.covered(words) for code, lexicon in self._lexicons.items()}
        most = max(has.values(), default=0)
        likely = [code for code, covered in has.items() if covered == most > 0]
        possible = possible_languages(text)
        if len(possible) < len(self._lexicons):
            likely += possible
        return dict.fromkeys((preferred, *likely) if preferred in self._lexicons else likely)

    def _read(
        self, lexicon: Lexicon, text: str, words: Sequence[Word], find: FindTimes, lists: bool
    ) -> Reading:
        # "The first one to five" holds no time from one to five.
        ordinals = [m for m in lexicon.find(words, {}) if m.kind == "ordinal"] if lists else []
        times = find(lexicon.language, _blanked(text, ordinals))
        taken = _taken(words, times)
        markers = tuple(lexicon.find(words, taken))
        if any(m.kind in ("later", "earlier") for m in markers):
            times = _as_length(lexicon, text, times, find)
        roles = _roles(words, taken, markers)
        number, clock = _number(lexicon, words, roles, find)
        place = _place(text, words, roles, markers)
        left = [word for word, role in zip(words, roles, strict=True) if role == "content"]
        own = _without_lead(words, taken, markers)
        return Reading(
            language=lexicon.language,
            text=text,
            markers=markers,
            times=times,
            clock=clock,
            number=number,
            place=place,
            content=_between(text, left, times),
            rest=_between(text, own, times),
            items=_items(text, own, markers, times),
            is_question=text.rstrip().endswith("?"),
            anchored=anchored(lexicon, text, times, markers, partial(find, lexicon.language)),
        )


def _as_length(lexicon: Lexicon, text: str, times: TimeSlots, find: FindTimes) -> TimeSlots:
    """Return the only time as a length, if the language does not tell them apart otherwise."""
    if len(times.phrases) != 1 or times.is_length:
        return times
    phrase = times.phrases[0]
    written = lexicon.length(text[phrase.start : phrase.end])
    if written is None:
        return times
    length = find(lexicon.language, written)
    return times.read_as(length) if length.is_length else times


def _number(
    lexicon: Lexicon, words: Sequence[Word], roles: list[str], find: FindTimes
) -> tuple[str | None, TimeSlots]:
    """Return the first bare number and the time of day that it may be; its role is changed."""
    nothing = find(lexicon.language, "")
    if len(words) > _MOST_WORDS:
        return None, nothing
    for at, word in enumerate(words):
        if roles[at] != "content":
            continue
        clock = find(lexicon.language, lexicon.clock(word.text))
        if word.text[0].isdigit() or (clock.has_time and clock.is_usable):
            roles[at] = "number"
            return word.text, clock
    return None, nothing


def _blanked(text: str, markers: Iterable[Marker]) -> str:
    """Return a text of the same length with blanks in the place of some phrases."""
    for marker in markers:
        text = text[: marker.start] + " " * (marker.end - marker.start) + text[marker.end :]
    return text


def _taken(words: Sequence[Word], times: TimeSlots) -> dict[int, int]:
    """Return which words belong to a phrase about time, as indexes of both."""
    return {
        at: number
        for at, word in enumerate(words)
        for number, phrase in enumerate(times.phrases)
        if phrase.start < word.end and word.start < phrase.end
    }


def _roles(words: Sequence[Word], taken: Mapping[int, int], markers: Sequence[Marker]) -> list[str]:
    spans = [(m.start, m.end) for m in markers]
    return [
        "time"
        if at in taken
        else "marker"
        if any(start <= word.start < end for start, end in spans)
        else "content"
        for at, word in enumerate(words)
    ]


def _place(
    text: str, words: Sequence[Word], roles: list[str], markers: Sequence[Marker]
) -> str | None:
    """Return the words after the preposition of a place; their role is changed."""
    for marker in markers:
        if marker.kind != "place":
            continue
        first = next((i for i, word in enumerate(words) if word.start >= marker.end), len(words))
        last = first
        while last < len(words) and roles[last] == "content":
            last += 1
        if first < last <= first + _LONGEST_PLACE:
            roles[first:last] = ["place"] * (last - first)
            return text[words[first].start : words[last - 1].end]
    return None


def _without_lead(
    words: Sequence[Word], taken: Mapping[int, int], markers: Sequence[Marker]
) -> list[Word]:
    """Return the words without times and without what leads up to the others."""
    left = [word for at, word in enumerate(words) if at not in taken]
    leads = [m for m in markers if m.kind in _LEADS]
    while left:
        lead = max((m.end for m in leads if m.start == left[0].start), default=0)
        if not lead:
            break
        left = [word for word in left if word.start >= lead]
    return left


def _items(
    text: str, words: Sequence[Word], markers: Sequence[Marker], times: TimeSlots
) -> tuple[str, ...]:
    """Return the parts of an enumeration: "eggs, bread and milk"."""
    additions = {(m.start, m.end) for m in markers if m.kind in ("also", "besides")}
    groups: list[list[Word]] = [[]]
    for word in words:
        if any(start <= word.start < end for start, end in additions):
            groups.append([])
        elif groups[-1] and "," in text[groups[-1][-1].end : word.start]:
            groups.append([word])
        else:
            groups[-1].append(word)
    parts = (_between(text, group, times) for group in groups)
    return tuple(part for part in parts if part)


def _between(text: str, words: Sequence[Word], times: TimeSlots) -> str:
    """Return the text from the first of some words to the last, without phrases about time."""
    if not words:
        return ""
    start, end = words[0].start, words[-1].end
    kept, at = [], start
    for phrase in times.phrases:
        if phrase.start >= end or phrase.end <= start:
            continue
        kept.append(text[at : max(at, phrase.start)])
        at = max(at, phrase.end)
    kept.append(text[at:end])
    return " ".join(" ".join(kept).split()).strip(_EDGES)
