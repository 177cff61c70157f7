"""The calls of one answer, and what may not be called in it.

Text from outside and effects are kept apart here, whatever a model does: once a result with text
that others wrote was read, nothing that changes something is called any more. Where a model wants
that, it is asked once more without such text, with the user's own words alone; what it asks for
then rests on these, and waits for an approval as always.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import NamedTuple
from uuid import UUID, uuid5

import msgspec

from pisovereign.actions.caller import Caller
from pisovereign.engine_client.arguments import decode_arguments
from pisovereign.engine_client.client import Finished
from pisovereign.engine_client.types import ToolCall
from pisovereign.tool_use.call_rules import INVENTED, CallRules
from pisovereign.tool_use.grounding import OwnWords
from pisovereign.tool_use.loop_types import (
    Answered,
    Called,
    LoopEvent,
    MadeCall,
    Outside,
    Returned,
    Round,
)
from pisovereign.tool_use.toolbox import Toolbox, told
from pisovereign.tool_use.types import CallResult

MOST_CALLS = 8
"""As many calls of one answer are made."""
_MOST_FAILED = 2
"""After so many rounds in which a call failed, or one without a new call, it has to answer."""
_DONE = ("completed", "pending_approval")
_MOST_APART = 2
"""So often a model is asked once more, without what it has read for an answer."""
_MOST_SENT = 3
"""So many different values of the user's own words are sent away beside notes of others."""
_SENT_ENOUGH = (
    "Refused: text from others was read for this answer, and enough was sent away since. Answer "
    "with what you have."
)
_WAS_READ = "Looked up already; the user is told of it."


class _Aside(NamedTuple):
    """The rounds and calls that are left out while a model is asked apart.

    `text` and `calls` are what it said and wanted, after it had read `rounds`.
    """

    rounds: list[Round]
    clean: bool
    text: str
    calls: list[ToolCall]


class AnswerCalls:
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
        pasted: bool,
    ) -> None:
        # Notes beside the message itself cannot be left out.
        self._in_notes = outside == "now"
        self._rules = CallRules(toolbox, words, in_notes=self._in_notes, pasted=pasted)
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
        self._sent = 0
        self._results: dict[tuple[str, str], CallResult] = {}
        self._aparts_left = 0 if self._in_notes else _MOST_APART
        self._aside: _Aside | None = None
        self._did_apart = False
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
        return any(self._rules.after_outside_text(call) is not None for call in calls)

    def begin_again(self) -> None:
        """Ask anew, without text of others; what was called until now was chosen after reading it.

        What else is asked with is the user's own, so it may act then.
        """
        self.clean = True
        self._outside = "none"
        self._results.clear()
        self.rounds.clear()

    @property
    def is_apart(self) -> bool:
        """Whether the model is asked without what was read for this answer."""
        return self._aside is not None

    def must_be_apart(self, calls: Sequence[ToolCall]) -> bool:
        """Return whether it may be text of others in what was read now that asks for a call."""
        if self._outside != "now" or not self._aparts_left:
            return False
        return any(self._rules.after_outside_text(call) is not None for call in calls)

    def go_apart(self, text: str, calls: list[ToolCall]) -> None:
        """Ask once more with the user's own words alone, as if nothing had been read.

        Args:
            text: What the model said.
            calls: What it wanted to call after it.
        """
        self._aside = _Aside(self.rounds, self.clean, text, calls)
        self._aparts_left -= 1
        self._did_apart = False
        self._outside, self.clean, self.rounds = "none", True, []

    async def come_back(self) -> AsyncGenerator[LoopEvent]:
        """Go on with what was read, and with what was called without it.

        If nothing was asked for or sent then, what the model wanted after it had read is refused.
        """
        aside = self._aside
        assert aside is not None
        made = [each for one in self.rounds for each in one.calls if each.result != _WAS_READ]
        self._aside, self._outside = None, "now"
        self.clean, self.rounds = aside.clean, aside.rounds
        if made:
            self.rounds.append(Round("", made))
        if self._did_apart:
            return
        async with aclosing(self.round(aside.text, aside.calls)) as refused:
            async for done in refused:
                yield done

    async def round(self, text: str, calls: Sequence[ToolCall]) -> AsyncGenerator[LoopEvent]:
        """Make the calls of one round, one after the other."""
        made: list[MadeCall] = []
        failed, before = False, self._made
        for call in calls[: MOST_CALLS - self._made]:
            if self.is_apart and self._was_read(call):
                made.append(MadeCall(call, _WAS_READ))
                continue
            yield Called(call)
            result = await self._call(call)
            if result.outside_text:
                self._outside = "now"
            failed |= result.status in ("failed", "refused")
            made.append(MadeCall(call, told(result)))
            yield Returned(call, result)
        if self._made == before and not self.is_apart:
            self._failed = _MOST_FAILED  # it would go on asking for what it has been told
        self._failed += failed
        self.rounds.append(Round(text, made))

    def _was_read(self, call: ToolCall) -> bool:
        """Return whether a call was made before, and gave text of others."""
        known = self._results.get((call.function.name, _same_text(call.function.arguments)))
        return known is not None and known.outside_text

    async def _call(self, call: ToolCall) -> CallResult:
        name = call.function.name
        if self._outside != "none" and (why := self._rules.after_outside_text(call)) is not None:
            self._refused = True
            return CallResult(status="refused", text=why)
        if (why := self._rules.beside_foreign_text(call)) is not None:
            return CallResult(status="failed", text=why)
        if (invented := self._rules.invented(call)) is not None:
            text = INVENTED.format(invented)
            return CallResult(status="failed", text=text, missing=invented)
        asked = (name, _same_text(call.function.arguments))
        known = self._results.get(asked)
        if known is not None:
            return known  # small models ask again for what they have just asked for
        # Numbered by what was asked for alone: an answer that is begun anew after a crash may look
        # something up before, or not again, and is to ask for the same approval.
        caller = self._caller._replace(once=call_of(self._answer, self._asked))
        self._made += 1
        if self._sends_too_much(call):
            return CallResult(status="failed", text=_SENT_ENOUGH)
        result = await self._make(caller, call)
        self._asked += result.approval is not None
        self._results[asked] = result
        self._did_apart |= self._rules.is_kept_apart(call) and result.status in _DONE
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
            unsaid = self._words.unsaid(tool, decode_arguments(arguments) or {})
            asked = await self._toolbox.ask(caller, name, arguments) if unsaid else None
            if asked is not None:
                return asked
        return await self._toolbox.call(caller, name, arguments)

    def _sends_too_much(self, call: ToolCall) -> bool:
        """Return whether a call would send away more than one question needs.

        Which of the user's words are sent, and in which order, can say something too.
        """
        if not self._in_notes or not self._rules.is_kept_apart(call):
            return False
        self._sent += 1
        return self._sent > _MOST_SENT

    def answered(self) -> Answered:
        """Return the end."""
        return Answered(self.rounds, self.ends, self._outside != "none", self._refused)


def _same_text(arguments: str) -> str:
    """Return arguments in JSON as they are always written, whatever blanks and order they had."""
    decoded = decode_arguments(arguments)
    if decoded is None:
        return arguments  # they are refused when the call is made
    return msgspec.json.encode(decoded, order="sorted").decode()


def call_of(answer: UUID, number: int) -> UUID:
    """Return what makes the n-th call of an answer that asks for an approval happen once."""
    return uuid5(answer, f"call {number}")
