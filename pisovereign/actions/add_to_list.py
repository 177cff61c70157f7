"""Adding items to a list."""

from __future__ import annotations

from uuid import UUID

import msgspec

from pisovereign.actions.action import ApprovedAction, DirectAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.intent import CommandSlots, Intent, ModelTool
from pisovereign.actions.list_commands import AddToList, RemoveFromList
from pisovereign.actions.messages import messages_in
from pisovereign.actions.named_lists import enumerated, list_title, wanted_name
from pisovereign.actions.spec import ActionSpec
from pisovereign.approvals.types import Approved, NewApproval
from pisovereign.errors import ValidationFailed
from pisovereign.languages.messages import Clock, Messages
from pisovereign.lists.service import Added
from pisovereign.lists.types import UserList
from pisovereign.reading.named_things import items, list_name
from pisovereign.reading.partial_commands import PartialCommand, Wording
from pisovereign.text.untrusted import one_line


class AddedToList(msgspec.Struct, frozen=True, kw_only=True):
    """A list after items were added: those that are new, and those that it had already."""

    list: UserList
    added: tuple[str, ...]
    known: tuple[str, ...]


def _read(wording: Wording) -> PartialCommand:
    arguments = {"items": items(wording), "list": list_name(wording)}
    return PartialCommand(AddToList, arguments, ("items",))


class AddToListAction(DirectAction[AddToList, AddedToList], ApprovedAction[AddToList]):
    """Adds items: at once for a person, who can remove them again, else after an approval."""

    spec = ActionSpec(
        name="add_to_list",
        type=AddToList,
        result=AddedToList,
        sources=("lists",),
        side_effects=True,
        intents=(Intent("list_add", _read, timed=False),),
        slots=CommandSlots(items="items", list="list"),
        model=ModelTool(
            "Ask to add items to a list. The user has to approve it.",
            {
                "items": "The items",
                "list": "Name of the list; leave out for the shopping list",
            },
            everybodys=True,
        ),
    )
    kind = "add_to_list"
    at_once = True
    limit_s = 30.0

    def check(self, user: UUID, command: AddToList) -> None:
        """Refuse to add nothing.

        Raises:
            ValidationFailed: There is nothing to add.
        """
        if not command.items:
            raise ValidationFailed([{"field": "items", "error": "cannot be empty"}])

    async def ask(self, caller: Caller, command: AddToList) -> NewApproval | None:
        """Return what has to be approved."""
        messages = messages_in(caller.language)
        name = wanted_name(command.list, messages)
        items = ", ".join(map(one_line, command.items))
        title = messages.say("add_to_list.approval", list=one_line(name), items=items)
        return NewApproval(self.kind, title, msgspec.structs.replace(command, list=name))

    async def run(self, caller: Caller, command: AddToList) -> AddedToList:
        """Add what is not on the list yet.

        Raises:
            Conflict: There are too many lists, or items.
        """
        name = wanted_name(command.list, messages_in(caller.language))
        added = await self._backends.lists.add(caller.identity.user_id, name, command.items)
        return _result(added)

    def describe(self, result: AddedToList, messages: Messages, clock: Clock) -> str:
        """Return what was added, and what was there already."""
        title = list_title(result.list, messages)
        texts = []
        if result.added:
            texts.append(messages.say("add_to_list", list=title, items=enumerated(result.added)))
        if result.known:
            known = messages.say("add_to_list.known", list=title, items=enumerated(result.known))
            texts.append(known)
        return " ".join(texts)

    async def carry_out(self, approved: Approved) -> AddedToList:
        """Add what was approved."""
        command = msgspec.json.decode(approved.payload, type=AddToList)
        assert command.list is not None
        return _result(await self._backends.lists.add(approved.user, command.list, command.items))

    def inverse(self, result: AddedToList) -> RemoveFromList | None:
        """Return what removes what was added."""
        if not result.added:
            return None
        return RemoveFromList(items=result.added, list=result.list.name)


def _result(added: Added) -> AddedToList:
    return AddedToList(list=added.list, added=added.added, known=added.known)
