"""Reading a list."""

from __future__ import annotations

from pisovereign.actions.action import DirectAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.intent import CommandSlots, Intent, ModelTool
from pisovereign.actions.list_commands import ShowList
from pisovereign.actions.messages import bullets, messages_in, quote
from pisovereign.actions.named_lists import (
    all_choices,
    find_lists,
    list_choices,
    list_title,
    wanted_name,
)
from pisovereign.actions.outcome import Outcome
from pisovereign.actions.outcome_words import describe_choices
from pisovereign.actions.spec import ActionSpec
from pisovereign.languages.messages import Clock, Messages
from pisovereign.lists.types import UserList
from pisovereign.reading.named_things import list_name
from pisovereign.reading.partial_commands import PartialCommand, Wording


class ShownList(Outcome, frozen=True, kw_only=True):
    """A list with its items; None: `choices` are the lists that may be meant, or that there are."""

    list: UserList | None = None


def _read(wording: Wording) -> PartialCommand:
    return PartialCommand(ShowList, {"list": list_name(wording)})


class ShowListAction(DirectAction[ShowList, ShownList]):
    """Reads a list."""

    spec = ActionSpec(
        name="show_list",
        type=ShowList,
        result=ShownList,
        sources=("lists",),
        intents=(Intent("list_show", _read),),
        slots=CommandSlots(list="list"),
        model=ModelTool(
            "Show what is on a list.",
            {"list": "Name of the list; leave out for the shopping list"},
            everybodys=True,
        ),
    )

    async def run(self, caller: Caller, command: ShowList) -> ShownList:
        """Return the list that is meant."""
        user, messages = caller.identity.user_id, messages_in(caller.language)
        lists = self._backends.lists
        found = await find_lists(lists, user, wanted_name(command.list, messages), messages)
        if len(found) == 1:
            return ShownList(list=found[0])
        if found:
            return ShownList(status="needs_choice", choices=list_choices(found, messages))
        there = await all_choices(lists, user, messages)
        return ShownList(status="not_found", choices=there)

    def describe(self, result: ShownList, messages: Messages, clock: Clock) -> str:
        """Return what is on the list and not done, one a line."""
        if result.list is None:
            return describe_choices("lists", result, messages)
        title = list_title(result.list, messages)
        left = [quote(item.text) for item in result.list.items if not item.done]
        if not left:
            return messages.say("show_list.empty", list=title)
        return messages.say("show_list", list=title, items=bullets(left, messages))
