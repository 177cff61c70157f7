"""Plans by rules: the same request at the same time gives the same sub-tasks."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from pisovereign.actions.registry import spec_of
from pisovereign.actions.types import CreateReminder, CurrentWeather, ListCalendarEvents
from pisovereign.agents.planning.clauses import MOST_CLAUSES, Clause, Joint, split_clauses
from pisovereign.agents.planning.context import (
    Context,
    context_of,
    days_of,
    further_reminder,
    is_occasion,
)
from pisovereign.agents.planning.imperatives import (
    is_ambiguous,
    is_letter,
    is_order,
    opens_condition,
    refusal_of,
    restricts,
)
from pisovereign.agents.planning.interpretation import Interpretation, ParseText, interpret
from pisovereign.agents.planning.wording import compiled
from pisovereign.agents.tools import reads_only
from pisovereign.agents.types import ANSWER, Draft
from pisovereign.languages import Language

_LONGEST_JOIN = 5
_WITH_RESULT = compiled(r"\b{with_results}")
_PLACE_LIKE = compiled(
    r"(?P<before>{place_prepositions}\s+)?(?P<name>[A-ZÀ-ÖØ-Þ][\w' -]{1,60})", re.NOFLAG
)
_FEW_WORDS = 2
_DEPENDENT = compiled(r"{dependent}\b")
# "Plan my trip to Berlin on Friday", and no event at an hour.
_PLAN = compiled(r"{plan_verb}\b(?!.*{clock_said})", re.IGNORECASE | re.DOTALL)
# Joints inside a sentence.
_WITHIN: tuple[Joint, ...] = ("and", "then", "head")
_TWO_PLACES = compiled(r",|\s{and}\s")


class Unplanned(NamedTuple):
    """A clause that no rule understands, by its place in the plan."""

    number: int
    text: str


class Plan(msgspec.Struct, frozen=True):
    """Sub-tasks in their order; those without a tool are `answer`."""

    drafts: list[Draft]

    @property
    def unplanned(self) -> list[Unplanned]:
        """What no rule understands, except for conditions, which nobody can watch."""
        return [
            Unplanned(i, draft.description)
            for i, draft in enumerate(self.drafts, 1)
            if draft.tool == ANSWER and draft.refusal != "conditional"
        ]


class _Segment(NamedTuple):
    """Clauses that belong together, and how they were interpreted."""

    text: str
    joint: Joint
    interpretation: Interpretation | None
    clauses: int
    conditional: bool = False
    link: str = ""


class Planner:
    """Plans one request.

    Args:
        parse: The command parser, for the user at this moment.
        phrase: The phrase about time in a text, if there is one.
        language: What the request is in.
        zone: Where days begin and end.
    """

    def __init__(
        self,
        parse: ParseText,
        phrase: Callable[[str], str | None],
        language: Language,
        zone: ZoneInfo,
    ) -> None:
        self._parse = parse
        self._phrase = phrase
        self._language = language
        self._zone = zone

    def plan(self, description: str) -> Plan:
        """Return the sub-tasks of a request; at least one."""
        cut = split_clauses(description)
        if not cut or len(cut) > MOST_CLAUSES:
            return self._whole(description)
        context, segments = self._with_context(self._segments(cut))
        drafts: list[Draft] = []
        earlier: list[int] = []
        wave: list[int] = []
        previous: Interpretation | None = None
        for segment in segments:
            if segment.joint == "then" and wave:
                earlier, wave = wave, []
            found = self._understood(segment, context, previous)
            previous = found or previous
            draft = _draft(segment, found)
            depends = tuple(earlier)
            if drafts and _WITH_RESULT.search(segment.text):
                depends = tuple(range(1, len(drafts) + 1))
            number = _known(drafts, draft)
            if number is None:
                drafts.append(msgspec.structs.replace(draft, depends_on=depends))
                wave.append(len(drafts))
            else:  # what follows waits for it, and for what would have come before it here
                wave += [n for n in dict.fromkeys((*depends, number)) if n not in wave]
        return Plan(drafts) if drafts else self._whole(description)

    def _whole(self, description: str) -> Plan:
        text = _title(description)
        return Plan([Draft(description=text, tool=ANSWER, refusal=refusal_of(text))])

    def _with_context(self, segments: list[_Segment]) -> tuple[Context, list[_Segment]]:
        """Return what holds for all segments, and those that are to be done."""
        context = Context()
        rest: list[_Segment] = []
        for position, segment in enumerate(segments):
            leads = position + 1 < len(segments) and segments[position + 1].joint == "head"
            about = (segment.interpretation is None and (leads or is_occasion(segment.text))) or (
                leads and self._is_about(segment.text)
            )
            if about and (len(segments) > 1):
                found = context_of(segment.text, self._phrase(segment.text), self._parse)
                context = Context(
                    context.place or found.place,
                    context.days or found.days,
                    context.occasion or found.occasion,
                )
            if not about or len(segments) == 1 or segment.conditional or is_order(segment.text):
                rest.append(segment)
        return context, rest

    def _understood(
        self, segment: _Segment, context: Context, previous: Interpretation | None
    ) -> Interpretation | None:
        if reminder := self._further(segment, previous):
            return reminder
        found = segment.interpretation or context.event(segment.text, self._language, self._zone)
        if found is not None:
            timed = self._phrase(segment.text) is not None
            return context.complete(found, timed=timed)
        if previous is not None and isinstance(previous.command, CurrentWeather):
            place = _place_in(segment)
            if place and previous.command.location:
                return Interpretation(previous.tool, CurrentWeather(location=place))
        if previous is not None and isinstance(previous.command, ListCalendarEvents):
            days = days_of(segment.text, self._parse) if self._is_time(segment) else None
            if days:
                return Interpretation(
                    previous.tool, ListCalendarEvents(start=days.start, days=days.days)
                )
        return None

    def _further(self, segment: _Segment, previous: Interpretation | None) -> Interpretation | None:
        """Return the reminder that continues the one before it."""
        other = segment.interpretation is not None and not isinstance(
            segment.interpretation.command, CreateReminder
        )
        if other or segment.conditional or segment.joint not in ("and", "then"):
            return None
        if previous is None or not isinstance(previous.command, CreateReminder):
            return None
        when = self._phrase(segment.text)
        command = further_reminder(
            segment.text,
            when,
            previous.command,
            self._parse,
            language=self._language,
            zone=self._zone,
        )
        return Interpretation(previous.tool, command) if command else None

    def _is_time(self, segment: _Segment) -> bool:
        """Return whether a clause only names another time: "for Monday and Tuesday"."""
        return segment.joint == "and" and self._phrase(segment.text) == segment.text

    def _segments(self, cut: Sequence[Clause]) -> list[_Segment]:
        """Return the clauses, joined where only together they are something that can be done."""
        best: list[tuple[int, list[_Segment]]] = [(0, [])]
        for end in range(1, len(cut) + 1):
            options = []
            for start in range(max(0, end - _LONGEST_JOIN), end):
                segment = self._segment(cut[start:end])
                if segment is not None:
                    cost, before = best[start]
                    missed = 0 if segment.interpretation else segment.clauses
                    options.append((cost + missed, [*before, segment]))
            # Of equal ones, the one that joins the fewest clauses.
            best.append(min(options, key=lambda option: (option[0], -len(option[1]))))
        return _joined(self._with_words(_with_conditions(best[-1][1])), self._is_time)

    def _with_words(self, segments: list[_Segment]) -> list[_Segment]:
        """Join orders with the words they are about: "translate this: good morning"."""
        joined: list[_Segment] = []
        for position, segment in enumerate(segments):
            last = joined[-1] if joined else None
            others = any(other.interpretation for other in segments[position:])
            if last and self._are_words(last, segment, others=others):
                text = f"{last.text}{segment.link or ': '}{segment.text}"
                joined[-1] = last._replace(text=text, clauses=last.clauses + segment.clauses)
            else:
                joined.append(segment)
        return joined

    def _are_words(self, last: _Segment, segment: _Segment, *, others: bool) -> bool:
        """Return whether a segment is text for the one before it; `others`: a command follows."""
        if last.interpretation or segment.interpretation or last.conditional or segment.conditional:
            return False
        if segment.joint == "and":  # a letter goes on until there is something else to be done
            return is_letter(last.text) and not is_order(segment.text)
        if segment.joint != "head" or is_occasion(last.text):
            return False
        return is_order(last.text) or not (others and self._names_context(last.text))

    def _names_context(self, text: str) -> bool:
        context = context_of(text, self._phrase(text), self._parse)
        return bool(context.place or context.days)

    def _segment(self, cut: Sequence[Clause]) -> _Segment | None:
        if len(cut) > 1 and any(clause.joint in ("then", "sentence") for clause in cut[1:]):
            return None
        if any(clause.joint == "head" for clause in cut[1:]) and self._is_about(cut[0].text):
            return None
        text = cut[0].text + "".join((p.link or " ") + p.text for p in cut[1:])
        found = interpret(text, self._parse)
        if len(cut) > 1 and (found is None or _takes_too_much(found)):
            return None
        return _Segment(text, cut[0].joint, found, len(cut), link=cut[0].link)

    def _is_about(self, text: str) -> bool:
        """Return whether a text only says what others are about."""
        return is_occasion(text) and (
            bool(_PLAN.match(text)) or interpret(text, self._parse) is None
        )


def _takes_too_much(found: Interpretation) -> bool:
    """Return whether "weather in Berlin and Hamburg" was taken for one place."""
    location = getattr(found.command, "location", None)
    return isinstance(found.command, CurrentWeather) and bool(_TWO_PLACES.search(location or ""))


def _with_conditions(segments: list[_Segment]) -> list[_Segment]:
    """Join conditions with what they hold for, which then is no command.

    What only reads may be done in any case.
    """
    joined: list[_Segment] = []
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


def _is_restricted(last: _Segment, condition: _Segment) -> bool:
    """Return whether a condition that follows an order belongs to it."""
    near = condition.joint in _WITHIN or restricts(condition.text)
    return near and _changes(last)


def _waits(segment: _Segment) -> bool:
    """Return whether a condition keeps this from being done."""
    if segment.interpretation is None:
        return not opens_condition(segment.text)
    return _changes(segment)


def _changes(segment: _Segment) -> bool:
    if segment.interpretation is None:
        return segment.conditional or is_order(segment.text)
    return (
        segment.interpretation.command is not None
        and spec_of(segment.interpretation.command).side_effects
    )


def _both(first: _Segment, second: _Segment) -> _Segment:
    """Return two segments as one, of which one is a condition."""
    return _together(first, second)._replace(conditional=_changes(first) or _changes(second))


def _together(first: _Segment, second: _Segment) -> _Segment:
    text = f"{first.text}, {second.text}"
    return _Segment(text, first.joint, None, first.clauses + second.clauses)


def _joined(segments: list[_Segment], is_time: Callable[[_Segment], bool]) -> list[_Segment]:
    """Join unplanned segments of which only one has a verb: "flights and hotels"."""
    joined: list[_Segment] = []
    places = False  # "weather in Berlin, Hamburg and Munich"
    days = False  # "my calendar for Monday, Tuesday and Wednesday"
    for segment in segments:
        last = joined[-1] if joined else None
        if segment.interpretation is not None:
            places = isinstance(segment.interpretation.command, CurrentWeather)
            days = isinstance(segment.interpretation.command, ListCalendarEvents)
        else:
            places = places and _place_in(segment) is not None
            days = days and is_time(segment)
        if last and not places and not days and _continues(last, segment):
            joined[-1] = _together(last, segment)
        else:
            joined.append(segment)
    return joined


def _continues(last: _Segment, segment: _Segment) -> bool:
    if (
        segment.joint != "and"
        or segment.interpretation is not None
        or last.interpretation is not None
    ):
        return False
    if last.conditional or segment.conditional:
        return False
    return len(segment.text.split()) <= _FEW_WORDS or bool(_DEPENDENT.match(segment.text))


def _place_in(segment: _Segment) -> str | None:
    """Return the place that a clause consists of."""
    found = _PLACE_LIKE.fullmatch(segment.text)
    if found is None or (segment.joint != "and" and not found["before"]):
        return None
    return found["name"]


def _known(drafts: Sequence[Draft], draft: Draft) -> int | None:
    """Return the number of a sub-task that does the same; reading again after a change does not."""
    for number, other in reversed(list(enumerate(drafts, 1))):
        same = (other.tool, other.arguments) == (draft.tool, draft.arguments)
        if same and (draft.tool != ANSWER or other.description == draft.description):
            return number
        if reads_only(draft.tool) and not reads_only(other.tool):
            return None
    return None


def _draft(segment: _Segment, found: Interpretation | None) -> Draft:
    text = _title(segment.text)
    if found is None:
        refusal = "conditional" if segment.conditional else refusal_of(text)
        return Draft(description=text, tool=ANSWER, refusal=refusal)
    if found.command is None:
        return Draft(description=text, tool=found.tool, arguments={"query": found.query})
    arguments = msgspec.to_builtins(found.command)
    return Draft(
        description=text,
        tool=found.tool,
        arguments={k: v for k, v in arguments.items() if k != "type" and v is not None},
    )


def _title(text: str) -> str:
    text = " ".join(text.split()).rstrip(" .,;:")
    return text[:1].upper() + text[1:]
