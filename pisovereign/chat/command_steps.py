"""Carrying out the steps of a message: commands, questions, and what is taken back."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple
from uuid import UUID, uuid5

import msgspec

from pisovereign.actions import registry
from pisovereign.actions.caller import Caller
from pisovereign.actions.service import ActionService
from pisovereign.actions.types import Command, Completed, ForgetMemory, Pending, Remember
from pisovereign.approvals.service import ApprovalService
from pisovereign.approvals.types import Approval
from pisovereign.asgi.errors import error_object
from pisovereign.chat.corrections import cannot
from pisovereign.chat.decisions import Decisions
from pisovereign.chat.types import SpokenCommand
from pisovereign.dialogue.commands import arguments_of
from pisovereign.dialogue.handling import choices_of, made_by
from pisovereign.dialogue.outcomes import StepOutcome, question_for
from pisovereign.dialogue.questions import ask
from pisovereign.dialogue.targets import items_in
from pisovereign.dialogue.types import (
    Ask,
    Decide,
    Done,
    Item,
    KnownState,
    Note,
    Question,
    Run,
    Say,
    Step,
    Withdraw,
)
from pisovereign.errors import Conflict, NotConfigured, NotFound, PiSovereignError
from pisovereign.languages import Language
from pisovereign.languages.messages import Clock, load_messages
from pisovereign.locales import Zones
from pisovereign.memory.service import MemoryService
from pisovereign.parsing.types import Incomplete

MOST_STEPS = 5
"""As many requests of one message are carried out."""
_NOTHING_DONE = frozenset(("needs_choice", "needs_confirmation", "not_found"))


class StepResult(NamedTuple):
    """The outcome of a step: in words, as data, and as the next message may refer to it."""

    text: str
    command: SpokenCommand | None
    outcome: StepOutcome


def step_id(message: UUID, step: int) -> UUID:
    """Return what makes a step happen once, however often its message is answered."""
    return message if step == 0 else uuid5(message, f"step {step}")


class CommandSteps:
    """Carries steps out.

    Args:
        actions: What carries commands out.
        approvals: Where approvals are withdrawn.
        memory: Where statements are learned.
        zones: Returns where a user is.
    """

    def __init__(
        self,
        actions: ActionService,
        approvals: ApprovalService,
        memory: MemoryService,
        zones: Zones,
    ) -> None:
        self._actions = actions
        self._memory = memory
        self._approvals = approvals
        self._decisions = Decisions(approvals)
        self._zones = zones

    async def settled(self, user: UUID, known: KnownState | None) -> KnownState | None:
        """Return what is known of a conversation, with what came of an approval since then."""
        if known is None or known.state.effect is None or known.state.effect.approval is None:
            return known
        done = known.state.effect
        try:
            approval = await self._approvals.get(user, known.state.effect.approval)
        except NotFound:
            now: Done | None = None
        else:
            now = _after_decision(done, approval)
        last = known.state.last
        if last == done:
            last = now or msgspec.structs.replace(done, ended="gone")
        state = msgspec.structs.replace(known.state, effect=now, last=last)
        return msgspec.structs.replace(known, state=state)

    async def carry_out(self, caller: Caller, step: Step) -> StepResult:
        """Carry a step out; a failure is put into words as well."""
        match step:
            case Run():
                return await self._run(caller, step)
            case Withdraw():
                return await self._withdraw(caller, step)
            case Ask():
                return self._ask(caller, step.question)
            case Note():
                return await self._note(caller, step.message)
            case Decide():
                decision = await self._decisions.decide(caller, step)
                return StepResult(decision.text, None, StepOutcome(shows=decision.shows))
            case Say():
                return StepResult(_sentence(step, caller.language), None, StepOutcome())

    async def _run(self, caller: Caller, step: Run) -> StepResult:
        result = await self._command(caller, step.command)
        done = result.outcome.done
        if step.replaces is None or done is None:
            return result
        if done.ended is not None:
            # What was to be replaced is still there, and is what the next message is about.
            return result._replace(outcome=msgspec.structs.replace(result.outcome, done=None))
        # The new one first: if it cannot be, the old one stays.
        if await self._take_back(caller, step.replaces):
            return result
        text = load_messages(caller.language, "dialogue").say("kept", text=result.text)
        return result._replace(text=text)

    async def _command(self, caller: Caller, command: Command) -> StepResult:
        spec = registry.spec_of(command)
        arguments = arguments_of(command)
        try:
            answer = await self._actions.run(caller, command)
        except PiSovereignError as error:
            spoken = SpokenCommand(
                type=spec.type_name,
                arguments=arguments,
                status="not_configured" if isinstance(error, NotConfigured) else "failed",
                error=error_object(error),
            )
            text = self._actions.explain(command, error, caller.language)
            return StepResult(text, spoken, StepOutcome(done=_failed(command, text)))
        fields = msgspec.structs.asdict(answer)
        shown = {name: fields[name] for name in fields if name not in ("command", "text")}
        spoken = SpokenCommand(type=spec.type_name, arguments=arguments, **shown)
        if isinstance(answer, Completed) and _status(answer) in _NOTHING_DONE:
            return self._not_done(caller, command, answer, spoken)
        return StepResult(answer.text, spoken, self._outcome(command, answer, spec.side_effects))

    def _not_done(
        self, caller: Caller, command: Command, answer: Completed, spoken: SpokenCommand
    ) -> StepResult:
        """Return what a command asks, or shows, that has done nothing."""
        now = dt.datetime.now(dt.UTC)
        choices = choices_of(command, answer.result)
        status = _status(answer)
        if status == "needs_choice":
            question = question_for(command, "choice", now)
            asked = msgspec.structs.replace(question, choices=choices)
            text = ask(asked, caller.language, Clock(now, self._zones(caller.identity.user_id)))
            return StepResult(text, spoken, StepOutcome(question=asked, shown=choices))
        if status == "needs_confirmation":
            asked = question_for(command, "confirm", now)
            return StepResult(answer.text, spoken, StepOutcome(question=asked, shown=choices))
        if missing := getattr(answer.result, "missing", ()):
            known = {n: v for n, v in arguments_of(command).items() if n not in missing}
            lacking = Incomplete(type(command), known)
            asked = question_for(lacking, "missing", now, missing)
            return StepResult(answer.text, spoken, StepOutcome(question=asked))
        failed = _failed(command, answer.text)
        return StepResult(answer.text, spoken, StepOutcome(done=failed, shown=choices))

    def _outcome(
        self, command: Command, answer: Completed | Pending, has_effect: bool
    ) -> StepOutcome:
        items: tuple[Item, ...] = ()
        inverse, approval = None, None
        if isinstance(answer, Completed):
            items = items_in(answer.result)
            inverse = self._actions.inverse(answer)
        else:
            approval = answer.approval_id
        done = Done(
            command=command,
            at=dt.datetime.now(dt.UTC),
            inverse=inverse,
            approval=approval,
            items=items,
            text=answer.text,
        )
        return StepOutcome(done=done, has_effect=has_effect, shown=None if has_effect else items)

    async def _take_back(self, caller: Caller, done: Done) -> bool:
        """Take back what another command takes the place of; whether it is gone."""
        try:
            if done.approval is not None:
                await self._approvals.cancel(caller.requester, done.approval)
            elif done.inverse is not None:
                once = None if caller.once is None else uuid5(caller.once, "inverse")
                await self._actions.run(caller._replace(once=once), done.inverse)
        except PiSovereignError:
            return False
        return True

    async def _withdraw(self, caller: Caller, step: Withdraw) -> StepResult:
        words = load_messages(caller.language, "dialogue")
        user = caller.identity.user_id
        try:
            try:
                approval = await self._approvals.cancel(caller.requester, step.approval)
                key = "withdrawn"
            except Conflict:
                approval = await self._approvals.get(user, step.approval)
                key = "withdrawn" if approval.status == "cancelled" else "decided"
        except NotFound:
            return StepResult(words.say("nothing_done"), None, StepOutcome(taken_back=True))
        spoken = SpokenCommand(
            type=registry.spec_of(step.done.command).type_name,
            arguments=arguments_of(step.done.command),
            status="withdrawn" if key == "withdrawn" else "failed",
            approval_id=step.approval,
            title=approval.title,
        )
        text = words.say(key, title=approval.title)
        return StepResult(text, spoken, StepOutcome(taken_back=key == "withdrawn"))

    async def _note(self, caller: Caller, message: str) -> StepResult:
        """Learn what a message states, and say so once it is stored."""
        learned = await self._memory.learn_now(caller.identity.user_id, message)
        text = load_messages(caller.language, "chat").say("learned")
        if not learned:
            return StepResult(text, None, StepOutcome())
        command = Remember(statement=learned[0].content)
        spoken = SpokenCommand(
            type=type(command).__name__,
            arguments=arguments_of(command),
            status="completed",
            result=learned[0],
        )
        known_already = len(learned) > 1 or learned[0].merged
        inverse = None if known_already else ForgetMemory(memory_id=learned[0].id)
        done = Done(command=command, at=dt.datetime.now(dt.UTC), inverse=inverse)
        return StepResult(text, spoken, StepOutcome(done=done, has_effect=True))

    def _ask(self, caller: Caller, question: Question) -> StepResult:
        clock = Clock(dt.datetime.now(dt.UTC), self._zones(caller.identity.user_id))
        text = ask(question, caller.language, clock)
        if not question.type:
            return StepResult(text, None, StepOutcome(question=question))
        spoken = SpokenCommand(
            type=question.type,
            arguments=question.known,
            status="incomplete",
            missing=list(question.missing),
        )
        return StepResult(text, spoken, StepOutcome(question=question))


def _failed(command: Command, text: str) -> Done:
    """Return a command of which nothing came; what follows may still say it in another way."""
    return Done(command=command, at=dt.datetime.now(dt.UTC), ended="failed", text=text)


def _after_decision(done: Done, approval: Approval) -> Done | None:
    """Return a command whose approval was decided; None: it did not happen and will not."""
    if approval.status in ("pending", "approved"):
        return done
    if approval.status != "executed":
        return None
    # What is stored stays JSON until somebody reads it.
    result = msgspec.json.decode(msgspec.json.encode(approval.result))
    items = made_by(done.command, result)
    return msgspec.structs.replace(done, approval=None, items=items, text=approval.title)


def _status(answer: Completed) -> str:
    """Return how a command ended, as its result says it."""
    status = getattr(answer.result, "status", None)
    return status if isinstance(status, str) else answer.status


def _sentence(step: Say, language: Language) -> str:
    if step.section == "unsupported":
        return cannot(step.key, language)
    return load_messages(language, step.section).say(step.key, **step.values)
