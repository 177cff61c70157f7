"""Forgetting something that the user has said."""

from __future__ import annotations

from uuid import UUID

import msgspec

from pisovereign.actions.action import ApprovedAction, DirectAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.command import Command
from pisovereign.actions.intent import ChosenBy, Intent
from pisovereign.actions.messages import bullets, messages_in, quote
from pisovereign.actions.outcome import Choice, Outcome
from pisovereign.actions.remember import FactText
from pisovereign.actions.spec import ActionSpec
from pisovereign.approvals.types import Approved, NewApproval
from pisovereign.errors import NotFound, ValidationFailed
from pisovereign.languages.messages import Clock, Messages
from pisovereign.memory.types import Memory
from pisovereign.reading.partial_commands import PartialCommand, Wording
from pisovereign.text.untrusted import one_line


class ForgetMemory(Command, frozen=True, kw_only=True, omit_defaults=True):
    """Forget the fact `memory_id`, or the one that `about` fits; None: what was said last."""

    about: FactText | None = None
    memory_id: UUID | None = None


class ForgottenFacts(Outcome, frozen=True, kw_only=True):
    """The facts that were forgotten; with `needs_choice` none, until one of `choices` is named."""

    forgotten: list[Memory] = msgspec.field(default_factory=list)


def _read(wording: Wording) -> PartialCommand:
    about = wording.said("about") or wording.about()
    return PartialCommand(ForgetMemory, {"about": about}, ("about",))


class ForgetMemoryAction(DirectAction[ForgetMemory, ForgottenFacts], ApprovedAction[ForgetMemory]):
    """Deletes one memory: at once for a person, else after an approval that shows it."""

    spec = ActionSpec(
        name="forget",
        module="forget_memory",
        type=ForgetMemory,
        result=ForgottenFacts,
        side_effects=True,
        intents=(Intent("forget", _read, least=0.8, timed=False),),
        undoes=True,
        forms_deny=True,
        about_anything=True,
        chosen_by=ChosenBy("memory_id"),
    )
    kind = "forget"
    at_once = True
    limit_s = 30.0

    async def ask(self, caller: Caller, command: ForgetMemory) -> NewApproval | None:
        """Return the one memory that is to be deleted.

        Raises:
            ValidationFailed: None fits, or several do.
        """
        fitting = await self._fitting(caller.identity.user_id, command)
        if len(fitting) != 1:
            problem = "fits several memories" if fitting else "fits no memory"
            raise ValidationFailed([{"field": "about", "error": problem}])
        title = messages_in(caller.language).say(
            "forget.approval", statement=one_line(fitting[0].content)
        )
        return NewApproval(self.kind, title, ForgetMemory(memory_id=fitting[0].id))

    async def run(self, caller: Caller, command: ForgetMemory) -> ForgottenFacts:
        """Delete the memory that is meant; if several fit, none."""
        user = caller.identity.user_id
        fitting = await self._fitting(user, command)
        if len(fitting) > 1:
            choices = [Choice(id=str(memory.id), title=memory.content) for memory in fitting]
            return ForgottenFacts(status="needs_choice", choices=choices)
        for memory in fitting:
            await self._backends.memories.delete(user, memory.id)
        return ForgottenFacts(forgotten=fitting)

    def describe(self, result: ForgottenFacts, messages: Messages, clock: Clock) -> str:
        """Return what was forgotten, or what there is to choose from."""
        if result.choices:
            lines = [quote(choice.title) for choice in result.choices]
            return messages.say("forget.choice", list=bullets(lines, messages))
        if not result.forgotten:
            return messages.say("forget.none")
        return messages.say("forget", statement=quote(result.forgotten[0].content))

    async def carry_out(self, approved: Approved) -> ForgottenFacts:
        """Delete the memory that was approved."""
        command = msgspec.json.decode(approved.payload, type=ForgetMemory)
        fitting = await self._fitting(approved.user, command)
        for memory in fitting:
            await self._backends.memories.delete(approved.user, memory.id)
        return ForgottenFacts(forgotten=fitting)

    async def _fitting(self, user: UUID, command: ForgetMemory) -> list[Memory]:
        memories = self._backends.memories
        if command.memory_id is not None:
            try:
                return [await memories.get(user, command.memory_id)]
            except NotFound:
                return []
        if command.about is None:
            newest, _ = await memories.facts(user, None, limit=1)
            return newest
        fitting, _ = await memories.facts(user, command.about)
        return fitting
