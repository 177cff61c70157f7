"""Turns that the model answers: asking it, and what of its answer may be shown."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import NamedTuple

import msgspec

from pisovereign.chat.claim_filter import ClaimFilter
from pisovereign.chat.claims import ClaimDetector
from pisovereign.chat.corrections import Correction, Corrections
from pisovereign.chat.metrics import HeldMetrics
from pisovereign.chat.model_requests import ModelRequests, PendingTurn
from pisovereign.chat.types import ANSWERED_BY, ToolRecord, Turn
from pisovereign.dialogue.types import Done
from pisovereign.engine_client.client import Delta, Expected, Finished
from pisovereign.engine_client.meter import AnswerReader
from pisovereign.languages.detection import detect_language
from pisovereign.languages.messages import load_messages


class Answered(NamedTuple):
    """A complete answer.

    Attributes:
        content: All of it.
        end: What the engine told at the end; None if it was left before.
        said: What stands in place of a claim; None: there was none.
        tools: The tools that were called; None: there were none to call.
        before: What the engine told each time before that it was asked for this answer.
        waiting: What the model has asked for, and waits for an approval.
    """

    content: str
    end: Finished | None
    said: Correction | None
    tools: ToolRecord | None = None
    before: Sequence[Finished] = ()
    waiting: Sequence[Done] = ()

    def with_note(self, note: str) -> Answered:
        """Return it with a note of the program at its end."""
        tools = self.tools
        if tools is not None and note:
            tools = msgspec.structs.replace(tools, last=tools.last + note)
        return self._replace(content=self.content + note, tools=tools)

    @property
    def is_cut(self) -> bool:
        """Return whether it was ended before it was complete."""
        return self.said is None and self.end is not None and self.end.reason == "length"


class ModelTurns:
    """Asks the model.

    Args:
        requests: Asks it.
        claims: Recognizes what it has not done.
        corrections: Says what is true instead.
        held: Counts what is held back.
    """

    def __init__(
        self,
        requests: ModelRequests,
        claims: ClaimDetector,
        corrections: Corrections,
        held: HeldMetrics,
    ) -> None:
        self._requests = requests
        self._claims = claims
        self._corrections = corrections
        self._held = held

    async def answer(self, turn: PendingTurn) -> AsyncGenerator[str | Expected | Answered]:
        """Yield the pieces of an answer and finally all of it.

        Raises:
            EngineUnavailable: the engine is gone, also in the middle.
            ValidationFailed: the message alone is longer than the model's context.
        """
        results = told_by_commands(turn.history)
        allowed = ClaimFilter(self._claims, results, holds=turn.may_claim)
        held = self._held.answer()
        pieces: list[str] = []
        end: Finished | None = None
        reader = AnswerReader()
        async with aclosing(self._requests.events(turn, reader)) as events:
            async for event in events:
                text = ""
                if isinstance(event, Expected):
                    yield event
                elif isinstance(event, Finished):
                    end = event
                    text = allowed.finish()
                elif isinstance(event, Delta):
                    text = allowed.feed(event.text)
                    held.take(event.text, text)
                if text:
                    pieces.append(text)
                    yield text
                if allowed.claimed:
                    reader.enough = True
                    break
        said: Correction | None = None
        if allowed.claimed:
            shown = "".join(pieces)
            said = await self._corrections.instead(
                turn.user, turn.text, turn.language, shown, learns=turn.lesson is not None
            )
            pieces.append(said.text)
            yield said.text
        yield Answered("".join(pieces), end, said)


def end_note(turn: PendingTurn, answered: Answered) -> str:
    """Return what is to be said below an answer: what was not read, that it was cut, or is none.

    Who has said how long it may be knows that it is cut there.
    """
    words = load_messages(detect_language(turn.text, turn.language), "chat")
    notes = [words.say(f"left_out.{what}") for what in sorted(turn.left_out)]
    if answered.is_cut and turn.may_be_cut:
        notes.append(words.say("cut"))
    elif not answered.content.strip() and not answered.is_cut:
        notes.insert(0, words.say("no_answer"))
    note = "\n\n".join(notes)
    return f"\n\n{note}" if note and answered.content.strip() else note


def told_by_commands(history: Sequence[Turn]) -> list[str]:
    """Return what commands answered before."""
    return [turn.sent for turn in history if turn.model == ANSWERED_BY]
