"""Turns in which the model may call tools: what is shown of them, and what is kept.

The arguments are the model's, so whatever changes something waits for an approval, and the answer
says so. What tools have found counts as known; anything else that a model claims to have done is
not shown, as in any answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from uuid import UUID

import msgspec

from pisovereign.actions.caller import Caller, approval_of
from pisovereign.actions.types import Command
from pisovereign.chat.call_text import CallTextFilter
from pisovereign.chat.claim_filter import ClaimFilter
from pisovereign.chat.claims import ClaimDetector
from pisovereign.chat.corrections import Correction, Corrections
from pisovereign.chat.metrics import HeldMetrics
from pisovereign.chat.model_requests import ModelRequests, PendingTurn
from pisovereign.chat.model_turns import Answered, told_by_commands
from pisovereign.chat.types import ToolCall, ToolRecord, ToolResult, ToolUse
from pisovereign.chat.untrusted_turns import holds_untrusted_text, without_untrusted_text
from pisovereign.dialogue.types import Done
from pisovereign.engine_client.arguments import decode_arguments
from pisovereign.engine_client.client import AnswerEvent, Delta, Expected, Finished
from pisovereign.engine_client.meter import AnswerReader
from pisovereign.engine_client.types import Tool
from pisovereign.languages import Language
from pisovereign.languages.detection import detect_language
from pisovereign.languages.messages import load_messages
from pisovereign.languages.pasted_text import own_text
from pisovereign.model_tests.types import Capabilities
from pisovereign.tool_use import loop as tools
from pisovereign.tool_use.grounding import OwnWords
from pisovereign.tool_use.types import CallStatus

_MOST_AFTER_CLAIM = 200
"""So many pieces later a model that has claimed something calls no tool any more."""
_MOST_APART = 50
"""So many pieces may come before a call where nobody reads them."""


class ToolTurns:
    """Lets the model answer with tools.

    Args:
        requests: Asks it.
        loop: Calls the tools.
        abilities: Says what models have proven that they can; None: none has to.
        claims: Recognizes what has not been done.
        corrections: Says what is true instead.
        has_time: Whether a text says when.
        held: Counts what is held back.
    """

    def __init__(
        self,
        *,
        requests: ModelRequests,
        loop: tools.ToolLoop,
        abilities: Callable[[str], Capabilities] | None,
        claims: ClaimDetector,
        corrections: Corrections,
        has_time: Callable[[str], bool],
        held: HeldMetrics,
    ) -> None:
        self._requests = requests
        self._loop = loop
        self._abilities = abilities
        self._claims = claims
        self._corrections = corrections
        self._has_time = has_time
        self._held = held

    async def offered(self, user: UUID, model: str, language: Language) -> Sequence[Tool] | None:
        """Return the tools that a model is given, a user's always the same; None: it gets none.

        It gets them where it has proven that it calls them when it is spoken to in the language.
        """
        if self._abilities is not None and not self._abilities(model).calls_tools_in(language):
            return None
        return (await self._loop.toolbox.of(user)).wire()

    async def answer(
        self, turn: PendingTurn
    ) -> AsyncGenerator[str | Expected | ToolCall | ToolResult | Answered]:
        """Yield the pieces of an answer, the calls between them, and finally all of it.

        Raises:
            EngineUnavailable: the engine is gone, also in the middle.
            ValidationFailed: the message alone is longer than the model's context.
        """
        language = detect_language(turn.text, turn.language)
        asking = _Asking(self._requests, self._claims, self._held, turn)
        written = _Written()
        caller = Caller(turn.identity, language).asking_only()
        words, pasted = _words(turn, self._has_time)
        running = self._loop.run(
            caller,
            turn.message,
            asking.ask,
            words=words,
            outside=_where_outside_text_is(turn),
            private=bool(turn.notes.text or turn.history or turn.passages),
            pasted=pasted,
        )
        async with aclosing(running) as events:
            async for event in events:
                match event:
                    case Expected():
                        yield event
                    case tools.Said(text):
                        yield written.add(text)
                    case tools.Called(call):
                        written.begin_round()
                        arguments = decode_arguments(call.function.arguments) or {}
                        yield ToolCall(id=call.id, name=call.function.name, arguments=arguments)
                    case tools.Returned():
                        asking.learn(event)
                        yield _result(written.take(event))
                    case tools.Answered():
                        said = None
                        if asking.claimed and not written.pending:
                            said = await self._corrections.instead(
                                turn.user, turn.text, language, written.text,
                                learns=turn.lesson is not None,
                            )  # fmt: skip
                        elif asking.claimed:
                            said = Correction("", language)
                        if more := written.end(event, said, language):
                            yield more
                        yield _answered(written, event, said)


class _Asking:
    """Asks the model for one turn, and lets through what it may say."""

    def __init__(
        self,
        requests: ModelRequests,
        claims: ClaimDetector,
        held: HeldMetrics,
        turn: PendingTurn,
    ) -> None:
        self._requests = requests
        self._claims = claims
        self._held = held
        self._turn = turn
        self._known: list[str] = []
        self.claimed = False

    def learn(self, event: tools.Returned) -> None:
        """Take what a tool has found as known."""
        if event.result.status == "completed":
            self._known.append(event.result.text)

    async def ask(self, asked: tools.Asked) -> AsyncGenerator[AnswerEvent]:
        """Yield what the model answers, without what it claims.

        It may go on after a claim, as in "I will set a reminder" with the call of a tool: then it
        claimed nothing.
        """
        turn = self._turn
        if asked.clean:
            turn = msgspec.structs.replace(
                turn,
                history=without_untrusted_text(turn.history),
                newest=turn.without_passages if turn.passages else turn.newest,
            )
        results = told_by_commands(turn.history)
        allowed = ClaimFilter(self._claims, results=results, known=self._known)
        words = CallTextFilter()
        held = self._held.answer()
        reader = AnswerReader()
        after_claim = unread = 0
        answer = self._requests.events(
            turn,
            reader,
            after=[message for each in asked.rounds for message in each.messages()],
            choice="auto" if asked.may_call else "none",
        )
        async with aclosing(answer) as events:
            async for event in events:
                text = ""
                if isinstance(event, Delta):
                    text = allowed.feed(words.feed(event.text))
                    held.take(event.text, text)
                    after_claim += allowed.claimed
                    unread += asked.apart
                elif isinstance(event, Finished):
                    text = allowed.feed(words.finish()) + allowed.finish()
                elif not isinstance(event, Expected):
                    unread = 0  # it calls something
                if text:
                    yield Delta(text)
                if not isinstance(event, Delta):
                    yield event
                if after_claim > _MOST_AFTER_CLAIM or unread > _MOST_APART:
                    reader.enough = True
                    break
        self.claimed = allowed.claimed


class _Written:
    """An answer as it is shown."""

    def __init__(self) -> None:
        self.text = ""
        self.last = ""
        self.uses: list[ToolUse] = []
        self.waiting: list[Done] = []
        self._missing: str | None = None

    @property
    def pending(self) -> list[str]:
        """Return what waits for an approval, in words."""
        return self._told("pending_approval")

    def _told(self, status: CallStatus) -> list[str]:
        """Return what came of the calls that ended so, each once."""
        return list(dict.fromkeys(use.text for use in self.uses if use.status == status))

    def add(self, text: str) -> str:
        """Add text, and return it with what sets it apart from what was said before a call."""
        if not self.last:
            text = self._apart(text)
        self.text += text
        self.last += text
        return text

    def take(self, event: tools.Returned) -> ToolUse:
        """Take what came of a call, and return it as it is shown."""
        use = _use(event)
        self.uses.append(use)
        self._missing = self._missing or event.result.missing
        asked = event.result.approval
        if asked is not None and isinstance(asked.command, Command):
            now = dt.datetime.now(dt.UTC)
            self.waiting.append(
                Done(command=asked.command, at=now, approval=asked.id, text=event.result.text)
            )
        return use

    def begin_round(self) -> None:
        """Begin anew after what was said before calls."""
        self.last = ""

    def end(self, answered: tools.Answered, said: Correction | None, language: Language) -> str:
        """Return what is to be said beside the model's own words."""
        words = load_messages(language, "chat")
        more = [said.text.strip()] if said is not None and said.text else []
        more += self.pending
        if answered.refused:
            more.append(words.say("outside"))
        if not self.last.strip() and not more and self._missing is not None:
            more = [words.say(f"missing.{self._missing}")]
        if not self.last.strip() and not more:
            # Of an answer that was cut, that is said below it.
            cut = bool(answered.ends) and answered.ends[-1].reason == "length"
            more = self._told("completed")
            more = more or [*([] if cut else [words.say("no_answer")]), *self._told("failed")]
        if not more:
            return ""
        text = self._apart("\n\n".join(more))
        self.text += text
        self.last += text
        return text

    def _apart(self, text: str) -> str:
        if not self.text.strip() or self.text.endswith("\n\n"):
            return text
        return "\n\n" + text


def calls_of(message: UUID) -> list[UUID]:
    """Return the ids of the approvals that calls of an answer to a message ask for, if they do."""
    return [approval_of(tools.call_of(message, number)) for number in range(tools.MOST_CALLS)]


def _words(turn: PendingTurn, has_time: Callable[[str], bool]) -> tuple[OwnWords, bool]:
    """Return the user's words, and whether they have pasted text of others in the conversation.

    What they have pasted counts as looked up.
    """
    sent = [*(each.said for each in turn.history if each.role == "user"), turn.text]
    own = [own_text(text, certain=True) for text in sent]
    words = OwnWords(own, has_time)
    pasted = [text for text, kept in zip(sent, own, strict=True) if kept != text]
    for text in pasted:
        words.learn(text)
    return words, bool(pasted)


def _where_outside_text_is(turn: PendingTurn) -> tools.Outside:
    if turn.notes.outside_text:
        return "now"
    # Passages are left out as what was said before is, where it may be they that ask for a call.
    return "before" if turn.passages or any(map(holds_untrusted_text, turn.history)) else "none"


def _answered(written: _Written, event: tools.Answered, said: Correction | None) -> Answered:
    record = ToolRecord(
        rounds=event.rounds,
        last=written.last.strip(),
        outside_text=event.outside_text,
        uses=written.uses,
    )
    end = event.ends[-1] if event.ends else None
    return Answered(written.text, end, said, record, event.ends[:-1], written.waiting)


def _use(event: tools.Returned) -> ToolUse:
    call, result = event.call, event.result
    use = ToolUse(
        id=call.id,
        name=call.function.name,
        arguments=decode_arguments(call.function.arguments) or {},
        status=result.status,
        text=result.text,
        outside_text=result.outside_text,
    )
    if result.approval is None:
        return use
    return msgspec.structs.replace(
        use,
        approval_id=result.approval.id,
        title=result.approval.title,
        expires_at=result.approval.expires_at,
    )


def _result(use: ToolUse) -> ToolResult:
    fields = msgspec.structs.asdict(use)
    del fields["arguments"]
    return ToolResult(**fields)
