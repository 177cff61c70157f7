"""Making a list."""

from __future__ import annotations

import msgspec

from pisovereign.actions.action import ApprovedAction, DirectAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.intent import CommandSlots, Intent
from pisovereign.actions.list_commands import CreateList, DeleteList
from pisovereign.actions.messages import messages_in
from pisovereign.actions.named_lists import list_title
from pisovereign.actions.spec import ActionSpec
from pisovereign.approvals.types import Approved, NewApproval
from pisovereign.languages.messages import Clock, Messages
from pisovereign.lists.types import UserList
from pisovereign.reading.partial_commands import PartialCommand, Wording
from pisovereign.text.untrusted import one_line


class CreatedList(msgspec.Struct, frozen=True, kw_only=True):
    """The list of a name, and whether it was made; else it was there already."""

    list: UserList
    created: bool


def _read(wording: Wording) -> PartialCommand:
    return PartialCommand(CreateList, {"list": wording.about("list")}, ("list",))


class CreateListAction(DirectAction[CreateList, CreatedList], ApprovedAction[CreateList]):
    """Makes a list: at once for a person, who can delete it again, else after an approval."""

    spec = ActionSpec(
        name="create_list",
        type=CreateList,
        result=CreatedList,
        sources=("lists",),
        side_effects=True,
        intents=(Intent("list_new", _read, timed=False),),
        slots=CommandSlots(list="list"),
    )
    kind = "create_list"
    at_once = True
    limit_s = 30.0

    async def ask(self, caller: Caller, command: CreateList) -> NewApproval | None:
        """Return what has to be approved."""
        messages = messages_in(caller.language)
        title = messages.say("create_list.approval", list=one_line(command.list))
        return NewApproval(self.kind, title, command)

    async def run(self, caller: Caller, command: CreateList) -> CreatedList:
        """Make the list if it is not there.

        Raises:
            Conflict: There are too many.
        """
        made, created = await self._backends.lists.create(caller.identity.user_id, command.list)
        return CreatedList(list=made, created=created)

    def describe(self, result: CreatedList, messages: Messages, clock: Clock) -> str:
        """Return that the list is there."""
        title = list_title(result.list, messages)
        if result.created:
            return messages.say("create_list", list=title)
        return messages.say("create_list.known", list=title)

    async def carry_out(self, approved: Approved) -> CreatedList:
        """Make the list that was approved."""
        command = msgspec.json.decode(approved.payload, type=CreateList)
        made, created = await self._backends.lists.create(approved.user, command.list)
        return CreatedList(list=made, created=created)

    def inverse(self, result: CreatedList) -> DeleteList | None:
        """Return what deletes it."""
        return DeleteList(list=result.list.name, confirmed=True) if result.created else None
