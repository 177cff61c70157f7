"""Plans by rules: the same request at the same time gives the same sub-tasks."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from pisovereign.actions.types import Command, CreateReminder, CurrentWeather, ListCalendarEvents
from pisovereign.agents.planning.clauses import MOST_CLAUSES, Clause, split_clauses
from pisovereign.agents.planning.context import (
    Context,
    context_of,
    days_of,
    further_reminder,
    is_occasion,
)
from pisovereign.agents.planning.imperatives import is_letter, is_order, refusal_of
from pisovereign.agents.planning.interpretation import Interpretation, Reader, interpret
from pisovereign.agents.planning.segments import Segment, join_conditions, join_continued, place_in
from pisovereign.agents.planning.wording import compiled
from pisovereign.agents.tools import reads_only
from pisovereign.agents.types import ANSWER, Draft

_LONGEST_JOIN = 5
_WITH_RESULT = compiled(r"\b{with_results}")
# "Plan my trip to Berlin on Friday", and no event at an hour.
_PLAN = compiled(r"{plan_verb}\b(?!.*{clock_said})", re.IGNORECASE | re.DOTALL)
_TWO_PLACES = compiled(r",|\s{and}\s")


class RulePlanner:
    """Plans one request; what no rule understands has the tool `answer`.

    Args:
        reader: Reads its parts.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def plan(self, description: str) -> list[Draft]:
        """Return the sub-tasks of a request; at least one."""
        cut = split_clauses(description)
        if not cut or len(cut) > MOST_CLAUSES:
            return [_draft(description)]
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
            draft = _draft(segment.text, found, conditional=segment.conditional)
            depends = tuple(earlier)
            if drafts and _WITH_RESULT.search(segment.text):
                depends = tuple(range(1, len(drafts) + 1))
            number = _known(drafts, draft)
            if number is None:
                drafts.append(msgspec.structs.replace(draft, depends_on=depends))
                wave.append(len(drafts))
            else:  # what follows waits for it, and for what would have come before it here
                wave += [n for n in dict.fromkeys((*depends, number)) if n not in wave]
        return drafts or [_draft(description)]

    def _with_context(self, segments: list[Segment]) -> tuple[Context, list[Segment]]:
        """Return what holds for all segments, and those that are to be done."""
        context = Context()
        rest: list[Segment] = []
        for position, segment in enumerate(segments):
            leads = position + 1 < len(segments) and segments[position + 1].joint == "head"
            about = (segment.interpretation is None and (leads or is_occasion(segment.text))) or (
                leads and self._is_about(segment.text)
            )
            if about and (len(segments) > 1):
                found = context_of(segment.text, self._reader)
                context = Context(
                    context.place or found.place,
                    context.days or found.days,
                    context.occasion or found.occasion,
                )
            if not about or len(segments) == 1 or segment.conditional or is_order(segment.text):
                rest.append(segment)
        return context, rest

    def _understood(
        self, segment: Segment, context: Context, previous: Interpretation | None
    ) -> Interpretation | None:
        if reminder := self._further(segment, previous):
            return reminder
        found = segment.interpretation or context.event(segment.text, self._reader)
        if found is not None:
            return context.complete(found, timed=self._reader.phrase(segment.text) is not None)
        command: Command | None = None
        match previous and previous.command:
            case CurrentWeather(location=str()) if place := place_in(segment):
                command = CurrentWeather(location=place)
            case ListCalendarEvents() if self._is_time(segment):
                days = days_of(segment.text, self._reader)
                command = days and ListCalendarEvents(start=days.start, days=days.days)
        return Interpretation(previous.tool, command) if previous and command else None

    def _further(self, segment: Segment, previous: Interpretation | None) -> Interpretation | None:
        """Return the reminder that continues the one before it."""
        other = segment.interpretation is not None and not isinstance(
            segment.interpretation.command, CreateReminder
        )
        if other or segment.conditional or segment.joint not in ("and", "then"):
            return None
        if previous is None or not isinstance(previous.command, CreateReminder):
            return None
        command = further_reminder(segment.text, previous.command, self._reader)
        return Interpretation(previous.tool, command) if command else None

    def _is_time(self, segment: Segment) -> bool:
        """Return whether a clause only names another time: "for Monday and Tuesday"."""
        return segment.joint == "and" and self._reader.phrase(segment.text) == segment.text

    def _segments(self, cut: Sequence[Clause]) -> list[Segment]:
        """Return the clauses, joined where only together they are something that can be done."""
        best: list[tuple[int, list[Segment]]] = [(0, [])]
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
        return join_continued(self._with_words(join_conditions(best[-1][1])), self._is_time)

    def _with_words(self, segments: list[Segment]) -> list[Segment]:
        """Join orders with the words they are about: "translate this: good morning"."""
        joined: list[Segment] = []
        for position, segment in enumerate(segments):
            last = joined[-1] if joined else None
            others = any(other.interpretation for other in segments[position:])
            if last and self._are_words(last, segment, others=others):
                text = f"{last.text}{segment.link or ': '}{segment.text}"
                joined[-1] = last._replace(text=text, clauses=last.clauses + segment.clauses)
            else:
                joined.append(segment)
        return joined

    def _are_words(self, last: Segment, segment: Segment, *, others: bool) -> bool:
        """Return whether a segment is text for the one before it; `others`: a command follows."""
        if last.interpretation or segment.interpretation or last.conditional or segment.conditional:
            return False
        if segment.joint == "and":  # a letter goes on until there is something else to be done
            return is_letter(last.text) and not is_order(segment.text)
        if segment.joint != "head" or is_occasion(last.text):
            return False
        if is_order(last.text) or not others:
            return True
        context = context_of(last.text, self._reader)
        return not (context.place or context.days)

    def _segment(self, cut: Sequence[Clause]) -> Segment | None:
        if len(cut) > 1 and any(clause.joint in ("then", "sentence") for clause in cut[1:]):
            return None
        if any(clause.joint == "head" for clause in cut[1:]) and self._is_about(cut[0].text):
            return None
        text = cut[0].text + "".join((p.link or " ") + p.text for p in cut[1:])
        found = interpret(text, self._reader)
        if len(cut) > 1 and (found is None or _takes_too_much(found)):
            return None
        return Segment(text, cut[0].joint, found, len(cut), link=cut[0].link)

    def _is_about(self, text: str) -> bool:
        """Return whether a text only says what others are about."""
        return is_occasion(text) and (
            bool(_PLAN.match(text)) or interpret(text, self._reader) is None
        )


def _takes_too_much(found: Interpretation) -> bool:
    """Return whether "weather in Berlin and Hamburg" was taken for one place."""
    location = getattr(found.command, "location", None)
    return isinstance(found.command, CurrentWeather) and bool(_TWO_PLACES.search(location or ""))


def _known(drafts: Sequence[Draft], draft: Draft) -> int | None:
    """Return the number of a sub-task that does the same; reading again after a change does not."""
    for number, other in reversed(list(enumerate(drafts, 1))):
        same = (other.tool, other.arguments) == (draft.tool, draft.arguments)
        if same and (draft.tool != ANSWER or other.description == draft.description):
            return number
        if reads_only(draft.tool) and not reads_only(other.tool):
            return None
    return None


def _draft(text: str, found: Interpretation | None = None, *, conditional: bool = False) -> Draft:
    text = " ".join(text.split()).rstrip(" .,;:")
    text = text[:1].upper() + text[1:]
    if found is None:
        refusal = "conditional" if conditional else refusal_of(text)
        return Draft(description=text, tool=ANSWER, refusal=refusal)
    if found.command is None:
        return Draft(description=text, tool=found.tool, arguments={"query": found.query})
    arguments = msgspec.to_builtins(found.command)
    return Draft(
        description=text,
        tool=found.tool,
        arguments={k: v for k, v in arguments.items() if k != "type" and v is not None},
    )
