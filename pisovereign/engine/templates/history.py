"""Answers in a history, written just as they were begun.

Some templates begin an answer with empty marks of a thought, and leave them out when the answer
has become history. Then nothing that was computed of it could be used again; so they are put in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pisovereign.engine.templates.segments import Segment, Special


@dataclass(frozen=True, slots=True)
class AnswerOpening:
    """The text that stands before an answer.

    Attributes:
        header: what stands there in a history too; it begins with a mark.
        rest: what follows it where the answer is yet to be written; empty where nothing is amiss.
    """

    header: tuple[Segment, ...] = ()
    rest: tuple[Segment, ...] = ()

    def in_history(self, segments: Sequence[Segment]) -> list[Segment]:
        """Return the segments with the rest after each header that lacks it."""
        if not self.rest:
            return list(segments)
        made: list[Segment] = []
        at = 0
        while at < len(segments):
            begins = segments[at] == self.header[0]
            after = after_front(segments[at:], self.header) if begins else None
            if after is None:
                made.append(segments[at])
                at += 1
                continue
            made += self.header
            if after and after_front(after, self.rest) is None:
                made += self.rest
            # What follows is looked at on its own: it may begin with text after the header.
            if after and isinstance(after[0], str):
                made.append(after[0])
                after = after[1:]
            at = len(segments) - len(after)
        return merged(made)


def after_front(segments: Sequence[Segment], front: Sequence[Segment]) -> Sequence[Segment] | None:
    """Return what follows `front` at the beginning of the segments; None if it is not there."""
    rest = segments
    for wanted in front:
        if not rest:
            return None
        first = rest[0]
        if first == wanted:
            rest = rest[1:]
        elif isinstance(first, str) and isinstance(wanted, str) and first.startswith(wanted):
            rest = [first[len(wanted) :], *rest[1:]]
        else:
            return None
    return rest


def merged(segments: Sequence[Segment]) -> list[Segment]:
    """Return the segments with no text beside another: tokens do not end where a text does."""
    made: list[Segment] = []
    for segment in segments:
        if isinstance(segment, str) and made and isinstance(made[-1], str):
            made[-1] += segment
        elif segment:
            made.append(segment)
    return made


def common_front(one: Sequence[Segment], other: Sequence[Segment]) -> list[Segment]:
    """Return what both begin with, perhaps only a part of the last text."""
    common: list[Segment] = []
    for first, second in zip(one, other, strict=False):
        if first == second:
            common.append(first)
            continue
        if isinstance(first, str) and isinstance(second, str):
            common.append(_same(first, second))
        break
    return merged(common)


def _same(one: str, other: str) -> str:
    pairs = enumerate(zip(one, other, strict=False))
    length = next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
    return one[:length]


def opening_of(answer: Sequence[Segment], history: Sequence[Segment]) -> AnswerOpening:
    """Return how answers begin.

    Args:
        answer: what a template writes where an answer is to begin.
        history: what it writes for an answer that is there already.
    """
    header = common_front(answer, history)
    rest = after_front(answer, header)
    if not header or not isinstance(header[0], Special) or rest is None:
        return AnswerOpening()
    return AnswerOpening(tuple(header), tuple(merged(rest)))
