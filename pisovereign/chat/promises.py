"""Telling how long an answer will take before it begins, and learning from how long it took.

The engine tells what it knows (`engine/expectation.py`): when its first token comes, and how fast
the others follow. How many follow, and how long text is held before it is shown, is known here.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from pisovereign.chat.answer_lengths import AnswerLengths, Asked
from pisovereign.chat.model_requests import PendingTurn
from pisovereign.chat.model_turns import Answered
from pisovereign.chat.speed import Stopwatch
from pisovereign.chat.types import ExpectedSeconds, Promise, ToolCall, ToolResult
from pisovereign.engine_client.client import Expected
from pisovereign.languages.detection import detect_language
from pisovereign.languages.messages import load_messages

_SMOOTHING = 0.1
_LEAST_TOKENS, _HELD_TOKENS = 8, 4
_FASTEST, _SLOWEST = 0.5, 2.0


class Promises:
    """Promises answers, and sees how they are kept.

    Args:
        max_answer_s: how long an answer is written at most that may be cut.
        told_after_s: who has to wait for longer is told that it will be told to them.
    """

    def __init__(self, max_answer_s: float, told_after_s: float) -> None:
        self._max_answer_s = max_answer_s
        self._told_after_s = told_after_s
        self._lengths: dict[tuple[object, str], AnswerLengths] = {}
        # By whether a claim may be in it: then words are held.
        self._held_s = {False: 0.0, True: 0.0}
        self._slower = 1.0

    async def watch(
        self,
        turn: PendingTurn,
        answer: AsyncGenerator[str | Expected | ToolCall | ToolResult | Answered],
    ) -> AsyncGenerator[str | Promise | ToolCall | ToolResult | Answered]:
        """Yield the pieces of an answer, with a promise in place of what the engine expects."""
        kept: _Kept | None = None
        async with aclosing(answer) as pieces:
            async for piece in pieces:
                if isinstance(piece, Expected):
                    kept = _Kept(piece, turn.watch)
                    yield self._promise(turn, piece)
                    continue
                if kept is not None and isinstance(piece, str):
                    kept.shown()
                elif isinstance(piece, Answered):
                    self._learn(turn, piece, kept)
                yield piece

    def _promise(self, turn: PendingTurn, expected: Expected) -> Promise:
        tokens = self._of(turn).expect(_asked(turn))
        first = turn.watch.so_far() + expected.first_s + self._held_s[turn.may_claim]
        rest = tokens * expected.token_s * self._slower
        if turn.may_be_cut:
            rest = min(rest, self._max_answer_s)
        seconds = ExpectedSeconds(first=round(first, 3), end=round(first + rest, 3))
        if seconds.end <= self._told_after_s:
            return Promise(expected_s=seconds)
        words = load_messages(detect_language(turn.text, turn.language), "chat")
        return Promise(expected_s=seconds, notice=words.say("when_done"))

    def _learn(self, turn: PendingTurn, answered: Answered, kept: _Kept | None) -> None:
        end = answered.end
        if end is None or answered.said is not None:
            return
        tokens = end.usage.completion_tokens
        if tokens:
            self._of(turn).learn(_asked(turn), tokens, cut=end.reason == "length")
        if kept is None or kept.first_s is None:
            return
        held = self._held_s[turn.may_claim]
        # A few words are held, and not the whole answer: what takes longer was something else.
        more = kept.first_s - kept.expected.first_s - held
        most = _HELD_TOKENS * kept.expected.token_s
        self._held_s[turn.may_claim] = max(0.0, held + _SMOOTHING * max(-most, min(most, more)))
        if tokens >= _LEAST_TOKENS:
            took = kept.so_far - kept.first_s
            slower = took / (tokens * kept.expected.token_s)
            slower = min(_SLOWEST, max(_FASTEST, slower))
            self._slower += _SMOOTHING * (slower - self._slower)

    def _of(self, turn: PendingTurn) -> AnswerLengths:
        return self._lengths.setdefault((turn.user, turn.model), AnswerLengths())


class _Kept:
    """How an answer comes for which something was expected."""

    def __init__(self, expected: Expected, watch: Stopwatch) -> None:
        self.expected = expected
        self._watch = watch
        self._told_s = watch.so_far()
        self.first_s: float | None = None

    @property
    def so_far(self) -> float:
        """The seconds since it was promised."""
        return self._watch.so_far() - self._told_s

    def shown(self) -> None:
        """Take down that something is shown of it."""
        if self.first_s is None:
            self.first_s = self.so_far


def _asked(turn: PendingTurn) -> Asked:
    before = [each.completion_tokens for each in turn.history if each.completion_tokens]
    return Asked(turn.text, before, turn.max_tokens)
