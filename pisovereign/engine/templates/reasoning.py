"""A model's reasoning before it answers, told apart from the answer.

It comes first, between marks: text that may be split over tokens, or control tokens. It is handed
out on its own, and is no part of the answer: a mark in the middle of one is text like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from pisovereign.engine.templates.segments import Segment, Special


@dataclass(frozen=True, slots=True)
class Thought:
    """More of what the model thinks."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningMarks:
    """The marks around what a model thinks: text, or control tokens by their text.

    Attributes:
        begin: comes before it.
        end: comes after it.
        headings: what may stand before it or before the answer, and is neither.
    """

    begin: str
    end: str
    headings: tuple[str, ...] = ()


_THINK = ReasoningMarks("<think>", "</think>")
_KNOWN = (
    ReasoningMarks(
        "<|channel|>analysis<|message|>",
        "<|end|>",
        ("<|start|>assistant", "<|channel|>final<|message|>", "<|channel|>final"),
    ),
    ReasoningMarks("<|channel>thought\n", "<channel|>"),
    ReasoningMarks("<|START_THINKING|>", "<|END_THINKING|>"),
    ReasoningMarks("<|inner_prefix|>", "<|inner_suffix|>"),
    ReasoningMarks("<seed:think>", "</seed:think>"),
    ReasoningMarks("<mm:think>", "</mm:think>"),
    ReasoningMarks("[THINK]", "[/THINK]"),
    _THINK,
)


def detect_reasoning(source: str) -> ReasoningMarks | None:
    """Return the marks that a template (its source) writes or looks for; None without any."""
    for marks in _KNOWN:
        if marks.end in source and marks.begin.strip().partition("thought")[0] in source:
            return marks
    return _THINK if _THINK.end in source else None


def begins_inside(marks: ReasoningMarks, prompt: Sequence[Segment]) -> bool:
    """Return whether a prompt ends within the marks, so that the answer begins by thinking."""
    written = marks.begin + marks.end
    text = ""
    for segment in reversed(prompt):
        if isinstance(segment, Special) and segment.text not in written:
            # Before it are messages, in which people may write the marks as text.
            break
        text = (segment.text if isinstance(segment, Special) else segment) + text
    return text.rfind(marks.begin) > text.rfind(marks.end)


class _Place(Enum):
    BEFORE, INSIDE, ANSWER = range(3)


class ReasoningParser:
    """Tells what is thought from the answer, piece by piece.

    Args:
        marks: those of the model.
        inside: whether the prompt ended within them.
    """

    def __init__(self, marks: ReasoningMarks, *, inside: bool = False) -> None:
        self._marks = marks
        self._place = _Place.INSIDE if inside else _Place.BEFORE
        self._thought = inside
        self._held: list[Segment] = []

    @property
    def inside(self) -> bool:
        """Return whether the model is thinking."""
        return self._place is _Place.INSIDE

    def push(self, piece: Segment) -> list[Thought | Segment]:
        """Take what the model wrote next, and return what is certain now, perhaps nothing.

        A `Special` is a control token. Those within the marks are dropped, others are returned.
        """
        if self._place is _Place.ANSWER:
            return [piece]
        self._held.append(piece)
        made: list[Thought | Segment] = []
        while self._advance(made):
            pass
        return made

    def finish(self) -> list[Thought | Segment]:
        """Return what was held back, at the end of the answer."""
        made: list[Thought | Segment] = []
        self._release(len(self._text()), made)
        return made

    def _advance(self, made: list[Thought | Segment]) -> bool:
        """Take the next mark out of what is held; False when more has to come first."""
        text = self._text()
        if not text:
            return False
        if self._place is _Place.INSIDE:
            at = text.find(self._marks.end)
            if at < 0:
                self._release(len(text) - _tail(text, self._marks.end), made)
                return False
            self._release(at, made)
            self._take(len(self._marks.end))
            self._place = _Place.BEFORE
            return True
        start = len(text) - len(text.lstrip())
        rest = text[start:]
        targets = (self._marks.begin, *self._marks.headings)
        for target in targets:
            # One heading may begin with another one: the longest possible one counts.
            if rest.startswith(target) and not any(
                len(other) > len(rest) and other.startswith(rest) for other in targets
            ):
                self._take(start + len(target))
                if target == self._marks.begin:
                    self._place, self._thought = _Place.INSIDE, True
                return True
        if not rest or any(target.startswith(rest) for target in targets):
            return False
        self._place = _Place.ANSWER
        if self._thought:
            self._take(start)
        made += self._held
        self._held = []
        return False

    def _text(self) -> str:
        return "".join(p.text if isinstance(p, Special) else p for p in self._held)

    def _release(self, length: int, made: list[Thought | Segment]) -> None:
        """Hand out the first characters of what is held; a control token only as a whole."""
        for piece in self._take(length):
            if self._place is not _Place.INSIDE:
                made.append(piece)
            elif isinstance(piece, str) and piece:
                made.append(Thought(piece))

    def _take(self, length: int) -> list[Segment]:
        taken: list[Segment] = []
        while self._held and length > 0:
            piece = self._held[0]
            size = len(piece.text) if isinstance(piece, Special) else len(piece)
            if size <= length:
                taken.append(self._held.pop(0))
            elif isinstance(piece, Special):
                break
            else:
                taken.append(piece[:length])
                self._held[0] = piece[length:]
            length -= size
        return taken


def _tail(text: str, mark: str) -> int:
    """Return length of the longest end of the text that the mark begins with."""
    lengths = range(min(len(mark) - 1, len(text)), 0, -1)
    return next((n for n in lengths if mark.startswith(text[-n:])), 0)
