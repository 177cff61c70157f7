"""When waste is collected, by the calendar of the household's collection service."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Sequence

import msgspec

from pisovereign.actions.action import DirectAction
from pisovereign.actions.backends import SOURCE_LIMIT_S, within
from pisovereign.actions.caller import Caller
from pisovereign.actions.command import Command
from pisovereign.actions.fields import Days, Label, Moment
from pisovereign.actions.intent import CommandSlots, Intent, ModelTool
from pisovereign.actions.list_events import day_bounds, days_in_words, midnight
from pisovereign.actions.messages import bullets, quote
from pisovereign.actions.outcome import Choice, Outcome
from pisovereign.actions.outcome_words import describe_choices
from pisovereign.actions.spec import ActionSpec
from pisovereign.actions.word_matching import matching
from pisovereign.connectors.waste.types import Collection
from pisovereign.languages import LANGUAGES
from pisovereign.languages.actions import load_actions
from pisovereign.languages.messages import Clock, Messages
from pisovereign.reading.moments import named_days
from pisovereign.reading.partial_commands import PartialCommand, Wording
from pisovereign.reading.times.expressions import DayPart, PartOfDay

_AHEAD = dt.timedelta(days=366)
_EVENING = (DayPart.EVENING, DayPart.NIGHT)


class WasteCollections(Command, frozen=True, kw_only=True, omit_defaults=True):
    """The waste collections of `days` whole days from `start` on; without days, the next ones.

    `about` says which: paper, the yellow bag.
    """

    about: Label | None = None
    start: Moment | None = None
    days: Days | None = None


class CollectionDays(Outcome, frozen=True, kw_only=True):
    """Collections in order of time; with `not_found`, `choices` are what is collected instead.

    `start` is the first of the `days` that were asked for, and `about` which collections were.
    Where there are none of these, `following` is the first after them.
    """

    collections: list[Collection] = msgspec.field(default_factory=list)
    start: dt.datetime | None = None
    days: int | None = None
    about: str | None = None
    following: Collection | None = None


def _read(wording: Wording) -> PartialCommand:
    request = wording.request
    about = wording.text("about")
    if wording.spans is None:
        about = wording.found("waste_kind")
    # "Christmas trees" names no day.
    named = request.within(wording.spans.get("about")) if wording.spans else []
    days = None if named and named == request.expressions else named_days(request)
    first = (days[0] or request.at.now) if days else None
    # What is put out in the evening is collected on the next day.
    parts = {e.name for e in request.expressions if isinstance(e, PartOfDay)}
    if first is not None and parts.intersection(_EVENING):
        first += dt.timedelta(days=1)
    arguments = {
        "about": about,
        "start": first,
        "days": days[1] if days else None,
    }
    return PartialCommand(WasteCollections, arguments)


class WasteCollectionAction(DirectAction[WasteCollections, CollectionDays]):
    """Looks into the calendar of the collection service."""

    spec = ActionSpec(
        name="waste",
        module="waste_collection",
        type=WasteCollections,
        result=CollectionDays,
        sources=("waste",),
        needs="waste",
        intents=(Intent("waste", _read, past=False),),
        slots=CommandSlots(days="start", day_count="days", topic="about"),
        model=ModelTool(
            "Tell when waste is collected, and which bin has to be put out.",
            {
                "about": "Kind of waste, such as paper; leave out for the next collection",
                "start": "First day, such as 2026-11-28; leave out for the next collection",
                "days": "How many days",
            },
        ),
    )

    async def run(self, caller: Caller, command: WasteCollections) -> CollectionDays:
        """Return the collections of some days, or the next of what is meant.

        Raises:
            NotConfigured: There is no calendar of them.
            UpstreamError: It cannot be read.
        """
        user = caller.identity.user_id
        zone = self._backends.zones(user)
        today = midnight(dt.datetime.now(zone).date(), zone)
        asked = self._backends.waste.collections(user, today, today + _AHEAD)
        known = await within(SOURCE_LIMIT_S, asked, "The waste collection service")
        meant = known if command.about is None else _about(command.about, known)
        if command.about is not None and not meant:
            titles = sorted({each.title for each in known})
            choices = [Choice(id=title, title=quote(title)) for title in titles]
            return CollectionDays(status="not_found", choices=choices)
        if command.start is None and command.days is None:
            return CollectionDays(collections=_next(meant, by_title=meant is not known))
        start, end = day_bounds(command.start or today, command.days or 1, zone)
        within_days = [each for each in meant if start <= each.start < end]
        later = next((each for each in meant if each.start >= end), None)
        return CollectionDays(
            collections=within_days,
            start=start,
            days=command.days or 1,
            about=command.about if meant is not known else None,
            following=None if within_days else later,
        )

    def describe(self, result: CollectionDays, messages: Messages, clock: Clock) -> str:
        """Return what is collected on each day, one a line."""
        if result.status == "not_found":
            return describe_choices("waste", result, messages)
        if not result.collections:
            if result.start is None:
                return messages.say("waste.none")
            when = days_in_words(result.start, result.days or 1, messages, clock)
            if result.about is None:
                text = messages.say("waste.none_on", when=when)
            else:
                # Another kind may well be collected then.
                about = quote(result.about)
                text = messages.say("waste.none_of_it_on", what=about, when=when)
            later = result.following
            return text if later is None else f"{text} {_line(later, messages, clock)}"
        lines = [_line(each, messages, clock) for each in result.collections]
        return lines[0] if len(lines) == 1 else messages.say("waste", list=bullets(lines, messages))


def _line(collection: Collection, messages: Messages, clock: Clock) -> str:
    when = messages.day(collection.start, clock)
    return messages.say("waste.line", what=quote(collection.title), when=when)


def _next(collections: Sequence[Collection], *, by_title: bool) -> list[Collection]:
    """Return the first collection of each title, or all of the first day."""
    if by_title:
        first: dict[str, Collection] = {}
        for each in collections:
            first.setdefault(each.title, each)
        return list(first.values())
    return [each for each in collections if each.start == collections[0].start]


def _about(about: str, collections: list[Collection]) -> list[Collection]:
    """Return the collections that words mean: of the same kind, else of a title that fits them.

    All of them, as they were given, if the words name no kind: the bins, or the trash of a town
    that collects nothing apart.
    """
    kinds = _kinds(about)
    of_kind = [each for each in collections if kinds & _kinds(each.title)]
    if not of_kind and any(
        pattern.search(about.casefold()) for _, pattern in _patterns("waste_all")
    ):
        return collections
    return of_kind or matching(about, collections, lambda each: each.title)


def _kinds(text: str) -> frozenset[str]:
    """Return the kinds of waste that words name, in any language: the town's may be another."""
    said = text.casefold()
    return frozenset(kind for kind, pattern in _patterns("waste_kind") if pattern.search(said))


@functools.cache
def _patterns(signal: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (value, re.compile(pattern))
        for language in LANGUAGES
        for value, pattern in load_actions(language)["waste_collection"].choices(signal)
    )
