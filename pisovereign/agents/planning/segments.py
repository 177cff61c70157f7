"""Clauses of a request that belong together: conditions, and what only together has a verb."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from pisovereign.actions.registry import spec_of
from pisovereign.actions.types import CurrentWeather, ListCalendarEvents
from pisovereign.agents.planning.clauses import Joint
from pisovereign.agents.planning.context import is_occasion
from pisovereign.agents.planning.imperatives import (
    is_ambiguous,
    is_order,
    opens_condition,
    restricts,
)
from pisovereign.agents.planning.interpretation import Interpretation
from pisovereign.agents.planning.wording import compiled

_PLACE_LIKE = compiled(
    r"(?P<before>{place_prepositions}\s+)?(?P<name>[A-ZÀ-ÖØ-Þ][\w' -]{1,60})", re.NOFLAG
)
_FEW_WORDS = 2
_DEPENDENT = compiled(r"{dependent}\b")
# Joints inside a sentence.
_WITHIN: tuple[Joint, ...] = ("and", "then", "head")


class Segment(NamedTuple):
    """Clauses that belong together, and how they were interpreted."""

    text: str
    joint: Joint
    interpretation: Interpretation | None
    clauses: int
    conditional: bool = False
    link: str = ""


def join_conditions(segments: list[Segment]) -> list[Segment]:
    """Join conditions with what they hold for, which then is no command.

    What only reads may be done in any case.
    """
    joined: list[Segment] = []
    condition: int | None = None  # the place of one that holds for what follows
    passed = False  # something that it does not keep from being done came after it
    for position, segment in enumerate(segments):
        if segment.joint not in _WITHIN:
            condition = None
        if condition is not None and (_changes(segment) if passed else _waits(segment)):
            joined[condition] = _both(joined[condition], segment)
            continue
        if segment.interpretation is None and opens_condition(segment.text):
            following = segments[position + 1] if position + 1 < len(segments) else None
            follows = following is not None and following.joint in _WITHIN
            if following and following.joint == "head" and is_occasion(segment.text):
                follows = False  # "when I travel to Rome: ..." is what it is all about
            restricted = bool(joined) and _is_restricted(joined[-1], segment)
            either = restricted and is_ambiguous(segment.text)
            if follows and following and not either and (_waits(following) or not restricted):
                condition, passed = len(joined), False
            elif restricted:
                joined[-1] = _both(joined[-1], segment)
                if either:  # better too little is done than too much
                    condition, passed = len(joined) - 1, False
                continue
        elif condition is not None:
            passed = True
        joined.append(segment)
    return joined


def _is_restricted(last: Segment, condition: Segment) -> bool:
    """Return whether a condition that follows an order belongs to it."""
    near = condition.joint in _WITHIN or restricts(condition.text)
    return near and _changes(last)


def _waits(segment: Segment) -> bool:
    """Return whether a condition keeps this from being done."""
    if segment.interpretation is None:
        return not opens_condition(segment.text)
    return _changes(segment)


def _changes(segment: Segment) -> bool:
    if segment.interpretation is None:
        return segment.conditional or is_order(segment.text)
    return (
        segment.interpretation.command is not None
        and spec_of(segment.interpretation.command).side_effects
    )


def _both(first: Segment, second: Segment) -> Segment:
    """Return two segments as one, of which one is a condition."""
    return _together(first, second)._replace(conditional=_changes(first) or _changes(second))


def _together(first: Segment, second: Segment) -> Segment:
    text = f"{first.text}, {second.text}"
    return Segment(text, first.joint, None, first.clauses + second.clauses)


def join_continued(segments: list[Segment], is_time: Callable[[Segment], bool]) -> list[Segment]:
    """Join unplanned segments of which only one has a verb: "flights and hotels"."""
    joined: list[Segment] = []
    places = False  # "weather in Berlin, Hamburg and Munich"
    days = False  # "my calendar for Monday, Tuesday and Wednesday"
    for segment in segments:
        last = joined[-1] if joined else None
        if segment.interpretation is not None:
            places = isinstance(segment.interpretation.command, CurrentWeather)
            days = isinstance(segment.interpretation.command, ListCalendarEvents)
        else:
            places = places and place_in(segment) is not None
            days = days and is_time(segment)
        if last and not places and not days and _continues(last, segment):
            joined[-1] = _together(last, segment)
        else:
            joined.append(segment)
    return joined


def _continues(last: Segment, segment: Segment) -> bool:
    if segment.joint != "and" or segment.interpretation or last.interpretation:
        return False
    if last.conditional or segment.conditional:
        return False
    return len(segment.text.split()) <= _FEW_WORDS or bool(_DEPENDENT.match(segment.text))


def place_in(segment: Segment) -> str | None:
    """Return the place that a clause consists of."""
    found = _PLACE_LIKE.fullmatch(segment.text)
    if found is None or (segment.joint != "and" and not found["before"]):
        return None
    return found["name"]
