"""Remembering what the user wants to be remembered."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from pisovereign.actions.action import ApprovedAction, DirectAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.command import Command
from pisovereign.actions.intent import Intent
from pisovereign.actions.messages import messages_in, quote
from pisovereign.actions.spec import ActionSpec
from pisovereign.approvals.types import Approved, NewApproval
from pisovereign.languages.messages import Clock, Messages
from pisovereign.memory.types import CreatedMemory
from pisovereign.reading.partial_commands import PartialCommand, Wording
from pisovereign.text.untrusted import one_line
from pisovereign.validation import no_nul, not_blank

FactText = Annotated[str, Meta(min_length=1, max_length=500, extra={"rules": (not_blank, no_nul)})]


class Remember(Command, frozen=True, kw_only=True):
    """Remember `statement`, in the user's own words."""

    statement: FactText


def _read(wording: Wording) -> PartialCommand:
    statement = wording.said("statement") or wording.about()
    return PartialCommand(Remember, {"statement": statement}, ("statement",))


class RememberAction(DirectAction[Remember, CreatedMemory], ApprovedAction[Remember]):
    """Stores a fact: at once for a person, who can take it back, else after an approval."""

    spec = ActionSpec(
        name="remember",
        type=Remember,
        result=CreatedMemory,
        side_effects=True,
        intents=(Intent("remember", _read, least=0.8, timed=False),),
        forms_deny=True,
        about_anything=True,
    )
    kind = "remember"
    at_once = True
    limit_s = 30.0

    async def ask(self, caller: Caller, command: Remember) -> NewApproval | None:
        """Return what has to be approved."""
        title = messages_in(caller.language).say(
            "remember.approval", statement=one_line(command.statement)
        )
        return NewApproval(self.kind, title, command)

    async def run(self, caller: Caller, command: Remember) -> CreatedMemory:
        """Store a fact; one that is known already is kept once."""
        return await self._backends.memories.remember(caller.identity.user_id, command.statement)

    def describe(self, result: CreatedMemory, messages: Messages, clock: Clock) -> str:
        """Return what is remembered now."""
        return messages.say("remember", statement=quote(result.content))

    async def carry_out(self, approved: Approved) -> CreatedMemory:
        """Store the fact that was approved."""
        command = msgspec.json.decode(approved.payload, type=Remember)
        return await self._backends.memories.remember(approved.user, command.statement)
