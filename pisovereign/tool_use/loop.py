"""Asking a model and calling the tools that it asks for, until it has answered."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from uuid import UUID

from pisovereign.actions.caller import Caller
from pisovereign.engine_client.client import (
    AnswerEvent,
    CallArguments,
    CallStarted,
    Delta,
    Expected,
    Finished,
)
from pisovereign.engine_client.types import FunctionCall, ToolCall
from pisovereign.tool_use.answer_calls import MOST_CALLS, AnswerCalls, call_of
from pisovereign.tool_use.grounding import OwnWords
from pisovereign.tool_use.loop_types import (
    Answered,
    Ask,
    Asked,
    Called,
    LoopEvent,
    MadeCall,
    Outside,
    Returned,
    Round,
    Said,
)
from pisovereign.tool_use.toolbox import Toolbox

__all__ = (
    "MOST_CALLS",
    "Answered",
    "Ask",
    "Asked",
    "Called",
    "LoopEvent",
    "MadeCall",
    "Outside",
    "Returned",
    "Round",
    "Said",
    "ToolLoop",
    "call_of",
)


class ToolLoop:
    """Lets a model call tools.

    Args:
        toolbox: The tools.
        most_rounds: How often it may call some, before it has to answer.
    """

    def __init__(self, toolbox: Toolbox, most_rounds: int) -> None:
        self.toolbox = toolbox
        self._most_rounds = most_rounds

    async def run(
        self,
        caller: Caller,
        answer: UUID,
        ask: Ask,
        *,
        words: OwnWords,
        outside: Outside = "none",
        private: bool = True,
        pasted: bool = False,
    ) -> AsyncGenerator[LoopEvent]:
        """Yield what the model says and calls; the last event is `Answered`.

        Args:
            caller: Who the tools are called for; what they change waits for approvals all the same.
            answer: Makes each approval that is asked for the only one of its call.
            ask: Asks the model; closing what it returns stops that.
            words: What the user has said; what is looked up is added to it.
            outside: Where text of others is in what it is asked with.
            private: It is asked with more than what the user says now.
            pasted: What the user has sent holds text of others; `words` does not.
        """
        toolbox = await self.toolbox.of(caller.identity.user_id)
        run = AnswerCalls(toolbox, caller, answer, words, outside, private=private, pasted=pasted)
        while True:
            may_call = run.may_go_on and len(run.rounds) < self._most_rounds
            reading = _Reading()
            asked = Asked(tuple(run.rounds), may_call, run.clean, run.is_apart)
            async with aclosing(ask(asked)) as events:
                async for event in events:
                    if isinstance(event, Delta):
                        reading.text += event.text
                        if not run.is_apart:
                            yield Said(event.text)
                    elif isinstance(event, Expected):
                        yield event
                    else:
                        reading.take(event)
            if reading.end is not None:
                run.ends.append(reading.end)
            calls = reading.calls() if may_call else []
            if not calls and not run.is_apart:
                yield run.answered()
                return
            if run.must_be_clean(calls):
                run.begin_again()
                continue
            if run.must_be_apart(calls):
                run.go_apart(reading.text, calls)
                continue
            making = run.round(reading.text, calls) if calls else run.come_back()
            async with aclosing(making) as made:
                async for done in made:
                    yield done


class _Reading:
    """A model's text and calls in one answer."""

    def __init__(self) -> None:
        self.text = ""
        self.end: Finished | None = None
        self._calls: dict[int, tuple[CallStarted, list[str]]] = {}

    def take(self, event: AnswerEvent) -> None:
        """Take an event that is no text."""
        match event:
            case CallStarted():
                self._calls[event.index] = (event, [])
            case CallArguments():
                with contextlib.suppress(KeyError):
                    self._calls[event.index][1].append(event.text)
            case Finished():
                self.end = event

    def calls(self) -> list[ToolCall]:
        """Return the calls in their order; one that was cut off is none."""
        if self.end is None or self.end.reason == "length":
            return []
        return [
            ToolCall(begun.id, FunctionCall(begun.name, "".join(pieces) or "{}"))
            for _, (begun, pieces) in sorted(self._calls.items())
        ]
