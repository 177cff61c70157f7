"""Messages that say when by something else: "the evening before", "an hour before the dentist"."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pisovereign.dialogue.lexicon import Anchor, Lexicon, Marker, Word, split
from pisovereign.reading.relative_times import (
    DAY_BEFORE,
    EVENING_BEFORE,
    THAT_DAY,
    TWO_DAYS_BEFORE,
    RelativeTime,
    length_before,
    part_of_that_day,
    with_time_of_day,
)
from pisovereign.reading.time_fragments import TimeSlots

_MOST_WORDS = 6  # of a length: "an hour and a half"
# What may stand beside an anchor without saying something of its own.
_BESIDE = frozenset((
    "filler", "thanks", "greeting", "remind", "me", "pronoun", "carrier", "task", "yes", "correct",
    "also", "besides", "again", "one", "begins", "ordinal", "thing", "both", "all", "later",
    "earlier", "place",
))  # fmt: skip
_POLITE = frozenset(("filler", "thanks"))


class About(NamedTuple):
    """One way to understand the words beside an anchor.

    Attributes:
        thing: What the moment is counted from; empty: that is not named.
        title: What to be reminded of; empty: of that thing.
    """

    thing: str
    title: str


class Anchored(NamedTuple):
    """A moment that is said by something else.

    Attributes:
        when: The moment.
        zone: Where the user is.
        ways: How the other words may be understood, the likeliest first.
        reminds: The message asks to be reminded.
    """

    when: RelativeTime
    zone: ZoneInfo
    ways: tuple[About, ...]
    reminds: bool


class _Said(NamedTuple):
    """A message, and what is found in it."""

    lexicon: Lexicon
    text: str
    words: Sequence[Word]
    times: TimeSlots
    markers: Sequence[Marker]
    find: Callable[[str], TimeSlots]

    def indexes(self, start: int, end: int) -> set[int]:
        """Return the indexes of the words between two positions."""
        return {at for at, word in enumerate(self.words) if start < word.end and word.start < end}

    def of(self, marker: Marker) -> set[int]:
        """Return the indexes of the words of a marker."""
        return self.indexes(marker.start, marker.end)

    @property
    def timed(self) -> set[int]:
        """Return the indexes of the words about time."""
        return {at for each in self.times.phrases for at in self.indexes(each.start, each.end)}

    def says_when(self, at: int) -> bool:
        """Return whether a word is a phrase about time by itself."""
        spans = {(phrase.start, phrase.end) for phrase in self.times.phrases}
        return (self.words[at].start, self.words[at].end) in spans

    def text_of(self, indexes: Iterable[int]) -> str:
        """Return some of the words as they are written."""
        text, last = "", None
        for at in indexes:
            follows = last is not None and at == last + 1
            between = self.text[self.words[at - 1].end : self.words[at].start] if follows else " "
            text += between + self.text[self.words[at].start : self.words[at].end]
            last = at
        return text.strip()


def anchored(
    lexicon: Lexicon,
    text: str,
    times: TimeSlots,
    markers: Sequence[Marker],
    find: Callable[[str], TimeSlots],
) -> Anchored | None:
    """Return the moment that a message says by something else; None: it says none.

    Args:
        lexicon: The words of the language.
        text: The message.
        times: The phrases about time in it.
        markers: The phrases in it that refer.
        find: Finds times in a few words.
    """
    words = split(text)
    if not any(lexicon.anchors(words)):
        return None
    said = _without_elisions(_Said(lexicon, text, words, times, markers, find))
    anchors = list(lexicon.anchors(said.words))
    # "An hour before that day": it only points at the thing.
    pointing = {at for a in anchors if a.kind == "that_day" for at in range(a.first, a.end)}
    for anchor in anchors:
        counted = _counted(said, anchor)
        found = None if counted is None else _read(said, *counted, pointing)
        if found is not None:
            return found
    return None


def _counted(said: _Said, anchor: Anchor) -> tuple[RelativeTime, set[int]] | None:
    """Return what an anchor counts, and the indexes of the words that say so."""
    own = set(range(anchor.first, anchor.end))
    if own & said.timed:  # "the day before yesterday"
        return None
    before = anchor.first - 1
    match anchor.kind:
        case "day_before":
            part = _part(said, before)
            return (DAY_BEFORE, own) if part is None else (part._replace(days=1), own | {before})
        case "two_days_before":
            return TWO_DAYS_BEFORE, own
        case "evening_before":
            return EVENING_BEFORE, own
        case "before" | "after":
            length = _length(said, anchor)
            if length is not None or anchor.kind == "after":
                return length
            # "Morgen" alone is tomorrow, and only "am Morgen davor" the morning before.
            part = None if said.says_when(before) else _part(said, before)
            return None if part is None else (part._replace(days=1), own | {before})
    for beside in (before, anchor.end):
        if (part := _part(said, beside)) is not None:
            return part, own | {beside}
    return (THAT_DAY, own) if anchor.kind == "that_day" else None


def _length(said: _Said, anchor: Anchor) -> tuple[RelativeTime, set[int]] | None:
    """Return the length before an anchor, as it counts it: "two days before"."""
    for first in range(max(anchor.first - _MOST_WORDS, 0), anchor.first):
        ahead = said.lexicon.ahead(said.text_of(range(first, anchor.first)))
        when = length_before(slots) if _is_one(slots := said.find(ahead), ahead) else None
        if when is not None:
            own = set(range(first, anchor.end))
            return when if anchor.kind == "before" else when.reversed, own
    return None


def _is_one(times: TimeSlots, text: str) -> bool:
    """Return whether a whole text is a phrase about time."""
    return [(phrase.start, phrase.end) for phrase in times.phrases] == [(0, len(text))]


def _part(said: _Said, at: int) -> RelativeTime | None:
    """Return the part of the day of something that a word is the bare name of; None: of none."""
    if not 0 <= at < len(said.words):
        return None
    return part_of_that_day(said.find(said.lexicon.part(said.text_of([at]))))


def _read(said: _Said, counted: RelativeTime, own: set[int], pointing: set[int]) -> Anchored | None:
    """Return a moment with the other words of the message; None: they say another one."""
    spans = [(phrase.start, phrase.end) for phrase in said.times.phrases]
    own_spans = [span for span in spans if said.indexes(*span) & own]
    when = with_time_of_day(counted, said.times, lambda *span: span in own_spans)
    if when is None:
        return None
    own = own.union(*(said.indexes(*span) for span in own_spans))
    ways = tuple(_ways(said, own, said.timed | pointing))
    reminds = any(marker.kind == "remind" for marker in said.markers)
    return Anchored(when, said.times.said.zone, ways, reminds) if ways else None


def _ways(said: _Said, own: set[int], timed: set[int]) -> Iterator[About]:
    """Yield the ways to understand the words that say nothing of the time."""
    markers = [marker for marker in said.markers if not said.of(marker) & own]
    silent = {at for marker in markers if marker.kind in _BESIDE for at in said.of(marker)}
    # In what a thing is called there may be words that otherwise say something of their own.
    talking = {at for marker in markers for at in said.of(marker)} - silent
    left = [at for at in range(len(said.words)) if at not in own | timed | silent]
    before = [at for at in left if at < min(own)]
    after = [at for at in left if at > min(own)]

    def way(things: Sequence[int], title: Sequence[int]) -> Iterator[About]:
        if not things or not talking.issuperset(things):
            yield About(" ".join(said.words[at].text for at in things), said.text_of(title))

    if not (before and after):
        yield from way(left, ())
    tasks = (max(said.of(marker)) + 1 for marker in markers if marker.kind == "task")
    lead = min((at for at in tasks if before and at <= before[0]), default=None)
    if lead is not None:
        yield from way(after, _title(said, lead, min(own), timed))
    for lead in _leads_after(said, markers, max(own)):
        title = _title(said, lead, len(said.words), timed)
        if title:
            yield from way(before + [at for at in after if at < lead], title)


def _leads_after(said: _Said, markers: Iterable[Marker], last: int) -> list[int]:
    """Return where, after a word, something to be reminded of may begin."""
    leads = {max(said.of(m)) + 1 for m in markers if m.kind in ("task", "carrier")}
    leads |= {
        at
        for at in range(last + 1, len(said.words))
        if "," in said.text[said.words[at - 1].end : said.words[at].start]
    }
    return sorted(lead for lead in leads if lead > last)


def _title(said: _Said, start: int, end: int, timed: set[int]) -> list[int]:
    """Return the indexes of the words of a title, without its article and "please" at its end."""
    polite = {at for m in said.markers if m.kind in _POLITE for at in said.of(m)}
    articles = {at for m in said.markers if m.kind == "pronoun" for at in said.of(m)}
    title = [at for at in range(start, end) if at not in timed]
    while title and title[-1] in polite:
        title.pop()
    while title and title[0] in polite | articles:
        title.pop(0)
    return title


def _without_elisions(said: _Said) -> _Said:
    """Return a message with what is left of a word before a vowel apart: "d'arroser" is two."""
    known = said.timed.union(*(said.of(marker) for marker in said.markers))
    known |= {at for a in said.lexicon.anchors(said.words) for at in range(a.first, a.end)}
    words: list[Word] = []
    markers = list(said.markers)
    for at, word in enumerate(said.words):
        head, _, tail = word.text.partition("'")
        middle = word.start + len(head)
        found = list(said.lexicon.find([Word(head, word.start, middle)], {})) if tail else []
        if at in known or not found:
            words.append(word)
        else:
            markers += found
            words += (Word(head, word.start, middle), Word(tail, middle + 1, word.end))
    return said._replace(words=words, markers=markers)
