"""Asking a model and calling the tools that it asks for, until it has answered.

Text from outside and effects are kept apart here, whatever a model does: once a result with text
that others wrote was read, nothing that changes something is called any more. Where such text is
only in what was said before, the model is asked again without it, and may act then.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Literal
from uuid import UUID, uuid5

import msgspec

from pisovereign.actions.caller import Caller
from pisovereign.engine_client.arguments import decode_arguments
from pisovereign.engine_client.client import (
    AnswerEvent,
    CallArguments,
    CallStarted,
    Delta,
    Finished,
)
from pisovereign.engine_client.types import FunctionCall, Message, ToolCall
from pisovereign.tool_use.grounding import OwnWords
from pisovereign.tool_use.toolbox import Toolbox, told
from pisovereign.tool_use.types import CallResult

MOST_CALLS = 8
"""As many calls of one answer are made."""
_MOST_FAILED = 2
"""After so many rounds in which a call failed, or one without a new call, it has to answer."""
_REFUSED = (
    "Refused: text from others was read for this answer, so nothing may be changed in it. Tell the "
    "user to ask for it in a message of its own."
)
_UNSAID = (
    "Refused: text from others was read for this answer, so {} has to be in the user's own words. "
    "Tell the user to ask for it in a message of its own."
)
_FOREIGN = (
    "Refused: others describe some of the tools, so {} has to be in the user's own words. Ask the "
    "user for it."
)
_INVENTED = "Not done: nobody has told {}. Do not guess it; ask the user for it."


class MadeCall(msgspec.Struct, frozen=True):
    """A call, and its result as the model was told of it."""

    call: ToolCall
    result: str


class Round(msgspec.Struct, frozen=True):
    """What a model said before it called tools, and what they gave."""

    text: str
    calls: list[MadeCall]

    def messages(self) -> list[Message]:
        """Return it as the model is told of it afterwards."""
        return [
            Message("assistant", self.text, [made.call for made in self.calls]),
            *(
                Message(
                    "tool", made.result, tool_call_id=made.call.id, name=made.call.function.name
                )
                for made in self.calls
            ),
        ]


class Asked(msgspec.Struct, frozen=True):
    """What a model is asked with.

    Attributes:
        rounds: What came of the calls that it has made for this answer.
        may_call: False: it has to answer now.
        clean: Leave out what holds text from outside of what was said before.
    """

    rounds: Sequence[Round]
    may_call: bool
    clean: bool


class Said(msgspec.Struct, frozen=True):
    """More text of the model."""

    text: str


class Called(msgspec.Struct, frozen=True):
    """A call begins; what the model said before it was not its answer."""

    call: ToolCall


class Returned(msgspec.Struct, frozen=True):
    """A call has ended."""

    call: ToolCall
    result: CallResult


class Answered(msgspec.Struct, frozen=True):
    """The model has said all of its answer.

    Attributes:
        rounds: The calls before it.
        ends: What the engine told at the end of each time that it was asked.
        outside_text: Something that the model was asked with holds text that others wrote.
        refused: A call was refused because of that.
    """

    rounds: list[Round]
    ends: list[Finished]
    outside_text: bool
    refused: bool


LoopEvent = Said | Called | Returned | Answered
Ask = Callable[[Asked], AsyncGenerator[AnswerEvent]]
Outside = Literal["none", "before", "now"]
"""Where text of others is: nowhere, in what was said before, or in what belongs to this answer."""


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
    ) -> AsyncGenerator[LoopEvent]:
        """Yield what the model says and calls; the last event is `Answered`.

        Args:
            caller: Who the tools are called for; what they change waits for approvals all the same.
            answer: Makes each approval that is asked for the only one of its call.
            ask: Asks the model; closing what it returns stops that.
            words: What the user has said; what is looked up is added to it.
            outside: Where text of others is in what it is asked with.
            private: It is asked with more than what the user says now.
        """
        toolbox = await self.toolbox.of(caller.identity.user_id)
        run = _Run(toolbox, caller, answer, words, outside, private=private)
        while True:
            may_call = run.may_go_on and len(run.rounds) < self._most_rounds
            reading = _Reading()
            async with aclosing(ask(Asked(tuple(run.rounds), may_call, run.clean))) as events:
                async for event in events:
                    if isinstance(event, Delta):
                        reading.text += event.text
                        yield Said(event.text)
                    else:
                        reading.take(event)
            if reading.end is not None:
                run.ends.append(reading.end)
            calls = reading.calls() if may_call else []
            if not calls:
                yield run.answered()
                return
            if run.must_be_clean(calls):
                run.begin_again()
                continue
            async with aclosing(run.round(reading.text, calls)) as made:
                async for done in made:
                    yield done


class _Run:
    """The calls of one answer."""

    def __init__(
        self,
        toolbox: Toolbox,
        caller: Caller,
        answer: UUID,
        words: OwnWords,
        outside: Outside,
        *,
        private: bool,
    ) -> None:
        self._toolbox = toolbox
        self._caller = caller
        self._answer = answer
        self._words = words
        self._outside = outside
        self._private = private
        self._made = 0
        self._asked = 0
        self._failed = 0
        self._refused = False
        self._results: dict[tuple[str, str], CallResult] = {}
        self.rounds: list[Round] = []
        self.ends: list[Finished] = []
        self.clean = False

    @property
    def may_go_on(self) -> bool:
        """Whether more calls may be made."""
        return self._made < MOST_CALLS and self._failed < _MOST_FAILED

    def must_be_clean(self, calls: Sequence[ToolCall]) -> bool:
        """Return whether it may be text of others in what was said before that asks for a call."""
        if self._outside != "before" or self.clean:
            return False
        return any(self._after_outside_text(call) is not None for call in calls)

    def begin_again(self) -> None:
        """Ask anew, without text of others; what was called until now was chosen after reading it.

        What else is asked with is the user's own, so it may act then.
        """
        self.clean = True
        self._outside = "none"
        self._results.clear()
        self.rounds.clear()

    async def round(self, text: str, calls: Sequence[ToolCall]) -> AsyncGenerator[LoopEvent]:
        """Make the calls of one round, one after the other."""
        made: list[MadeCall] = []
        failed, before = False, self._made
        for call in calls[: MOST_CALLS - self._made]:
            yield Called(call)
            result = await self._call(call)
            if result.outside_text:
                self._outside = "now"
            failed |= result.status in ("failed", "refused")
            made.append(MadeCall(call, told(result)))
            yield Returned(call, result)
        if self._made == before:
            self._failed = _MOST_FAILED  # it would go on asking for what it has been told
        self._failed += failed
        self.rounds.append(Round(text, made))

    async def _call(self, call: ToolCall) -> CallResult:
        name = call.function.name
        if self._outside != "none" and (why := self._after_outside_text(call)) is not None:
            self._refused = True
            return CallResult(status="refused", text=why)
        if (unsaid := self._unsaid_beside_foreign_text(call)) is not None:
            return CallResult(status="failed", text=_FOREIGN.format(unsaid))
        if (invented := self._invented(call)) is not None:
            text = _INVENTED.format(invented)
            return CallResult(status="failed", text=text, missing=invented)
        asked = (name, _same_text(call.function.arguments))
        known = self._results.get(asked)
        if known is not None:
            return known  # small models ask again for what they have just asked for
        # Numbered by what was asked for alone: an answer that is begun anew after a crash may look
        # something up before, or not again, and is to ask for the same approval.
        caller = self._caller._replace(once=call_of(self._answer, self._asked))
        self._made += 1
        result = await self._make(caller, call)
        self._asked += result.approval is not None
        self._results[asked] = result
        if result.status == "completed":
            self._private = True
            self._words.learn(result.text)
        return result

    async def _make(self, caller: Caller, call: ToolCall) -> CallResult:
        """Make a call; one of a server waits, where what is sent there was chosen by nobody here.

        Descriptions of servers' tools are in every prompt: as soon as something private is beside
        them, they might have that sent.
        """
        name, arguments = call.function.name, call.function.arguments
        tool = self._toolbox.find(name)
        if tool is not None and tool.foreign and self._private and not tool.has_effects:
            unsaid = self._words.unsaid(tool.sends, decode_arguments(arguments) or {})
            asked = await self._toolbox.ask(caller, name, arguments) if unsaid else None
            if asked is not None:
                return asked
        return await self._toolbox.call(caller, name, arguments)

    def _after_outside_text(self, call: ToolCall) -> str | None:
        """Return why a call is refused once text of others was read; None: it is not."""
        tool = self._toolbox.find(call.function.name)
        if tool is None:
            return None
        if tool.has_effects:
            return _REFUSED
        unsaid = self._words.unsaid(tool.sends, decode_arguments(call.function.arguments) or {})
        return None if unsaid is None else _UNSAID.format(unsaid)

    def _unsaid_beside_foreign_text(self, call: ToolCall) -> str | None:
        """Return an argument that a description of others may have chosen, and that is sent away.

        A call of a tool of others waits for an approval instead, as everything does that changes
        something: who approves it sees what is sent.
        """
        tool = self._toolbox.find(call.function.name)
        if tool is None or tool.foreign or tool.has_effects:
            return None
        if not self._toolbox.holds_foreign_text:
            return None
        return self._words.unsaid(tool.sends, decode_arguments(call.function.arguments) or {})

    def _invented(self, call: ToolCall) -> str | None:
        tool = self._toolbox.find(call.function.name)
        if tool is None:
            return None
        return self._words.invented(tool, decode_arguments(call.function.arguments) or {})

    def answered(self) -> Answered:
        """Return the end."""
        return Answered(self.rounds, self.ends, self._outside != "none", self._refused)


class _Reading:
    """What a model says and calls in one answer."""

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


def _same_text(arguments: str) -> str:
    """Return arguments in JSON as they are always written, whatever blanks and order they had."""
    decoded = decode_arguments(arguments)
    if decoded is None:
        return arguments  # they are refused when the call is made
    return msgspec.json.encode(decoded, order="sorted").decode()


def call_of(answer: UUID, number: int) -> UUID:
    """Return what makes the n-th call of an answer that asks for an approval happen once."""
    return uuid5(answer, f"call {number}")
