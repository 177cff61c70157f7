"""Deleting a list."""

from __future__ import annotations

from uuid import UUID

import msgspec

from pisovereign.actions.action import ApprovedAction, DirectAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.intent import CommandSlots, Intent
from pisovereign.actions.list_commands import AddToList, CreateList, DeleteList
from pisovereign.actions.messages import messages_in
from pisovereign.actions.named_lists import all_choices, find_lists, list_choices, list_title
from pisovereign.actions.outcome import Chosen, Outcome
from pisovereign.actions.outcome_words import describe_choices
from pisovereign.actions.spec import ActionSpec
from pisovereign.approvals.types import Approved, NewApproval
from pisovereign.languages.messages import Clock, Messages
from pisovereign.lists.types import MOST_AT_ONCE, UserList
from pisovereign.reading.named_things import list_name
from pisovereign.reading.partial_commands import PartialCommand, Wording
from pisovereign.text.untrusted import one_line


class DeletedList(Outcome, frozen=True, kw_only=True):
    """The list that was deleted, with what was on it; with another status nothing was."""

    list: UserList | None = None


def _read(wording: Wording) -> PartialCommand:
    named = list_name(wording) or wording.about("list")
    return PartialCommand(DeleteList, {"list": named}, ("list",))


class DeleteListAction(DirectAction[DeleteList, DeletedList], ApprovedAction[DeleteList]):
    """Deletes a list: at once for a person, who can make it again, else after an approval."""

    spec = ActionSpec(
        name="delete_list",
        type=DeleteList,
        result=DeletedList,
        sources=("lists",),
        side_effects=True,
        intents=(Intent("list_delete", _read),),
        undoes=True,
        slots=CommandSlots(list="list"),
    )
    kind = "delete_list"
    at_once = True
    limit_s = 30.0

    async def ask(self, caller: Caller, command: DeleteList) -> NewApproval | None:
        """Return what has to be approved: nothing where it is not clear what."""
        messages, lists = messages_in(caller.language), self._backends.lists
        found = await find_lists(lists, caller.identity.user_id, command.list, messages)
        if len(found) != 1:
            return None
        (one,) = found
        title = messages.say("delete_list.approval", list=one_line(one.name), count=len(one.items))
        return NewApproval(self.kind, title, Chosen(chosen=list_choices(found, messages)))

    async def run(self, caller: Caller, command: DeleteList) -> DeletedList:
        """Delete the list that is meant; if that is not clear, none."""
        user, messages = caller.identity.user_id, messages_in(caller.language)
        found = await find_lists(self._backends.lists, user, command.list, messages)
        if not found:
            there = await all_choices(self._backends.lists, user, messages)
            return DeletedList(status="not_found", choices=there)
        choices = list_choices(found, messages)
        if len(found) > 1 or caller.asks_only:
            return DeletedList(status="needs_choice", choices=choices)
        (one,) = found
        if len(one.items) > 1 and not command.confirmed:
            return DeletedList(status="needs_confirmation", choices=choices)
        return await self._delete(user, one)

    def describe(self, result: DeletedList, messages: Messages, clock: Clock) -> str:
        """Return what was deleted, or what there is to choose from."""
        if result.list is None:
            return describe_choices("lists", result, messages)
        return messages.say("delete_list", list=list_title(result.list, messages))

    async def carry_out(self, approved: Approved) -> DeletedList:
        """Delete the list that was approved."""
        payload = msgspec.json.decode(approved.payload, type=Chosen)
        found = await self._backends.lists.get(approved.user, UUID(payload.chosen[0].id))
        return await self._delete(approved.user, found)

    def inverse(self, result: DeletedList) -> AddToList | CreateList | None:
        """Return what makes it again, with what was on it."""
        if result.list is None or len(result.list.items) > MOST_AT_ONCE:
            return None
        if not result.list.items:
            return CreateList(list=result.list.name)
        texts = tuple(item.text for item in result.list.items)
        return AddToList(items=texts, list=result.list.name)

    async def _delete(self, user: UUID, one: UserList) -> DeletedList:
        await self._backends.lists.delete(user, one.id)
        return DeletedList(list=one)
