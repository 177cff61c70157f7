"""Removing items from a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from pisovereign.actions.action import ApprovedAction, DirectAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.intent import CommandSlots, Intent
from pisovereign.actions.list_commands import AddToList, RemoveFromList
from pisovereign.actions.messages import messages_in, quote
from pisovereign.actions.named_lists import (
    all_choices,
    enumerated,
    find_lists,
    list_choices,
    list_title,
    wanted_name,
)
from pisovereign.actions.outcome import Choice, Outcome
from pisovereign.actions.outcome_words import describe_choices
from pisovereign.actions.spec import ActionSpec
from pisovereign.actions.word_matching import matching
from pisovereign.approvals.types import Approved, NewApproval
from pisovereign.errors import ValidationFailed
from pisovereign.languages.messages import Clock, Messages
from pisovereign.languages.words import caseless
from pisovereign.lists.types import MOST_AT_ONCE, ListItem, UserList
from pisovereign.reading.named_things import items, list_name
from pisovereign.reading.partial_commands import PartialCommand, Wording
from pisovereign.text.untrusted import one_line


class RemovedFromList(Outcome, frozen=True, kw_only=True):
    """A list, and what was removed from it; with another status than `completed` nothing was.

    `list` is None if it is not clear which one is meant. `choices` are items, or else lists.
    """

    list: UserList | None = None
    removed: tuple[str, ...] = ()


class _Found(NamedTuple):
    """The items that are meant, or why that is not clear."""

    list: UserList
    items: tuple[ListItem, ...]


def _read(wording: Wording) -> PartialCommand:
    arguments = {"items": items(wording), "list": list_name(wording)}
    return PartialCommand(RemoveFromList, arguments, ("items",))


def _read_clear(wording: Wording) -> PartialCommand:
    return PartialCommand(RemoveFromList, {"list": list_name(wording), "everything": True})


class RemoveFromListAction(
    DirectAction[RemoveFromList, RemovedFromList], ApprovedAction[RemoveFromList]
):
    """Removes items: at once for a person, who can add them again, else after an approval."""

    spec = ActionSpec(
        name="remove_from_list",
        type=RemoveFromList,
        result=RemovedFromList,
        sources=("lists",),
        side_effects=True,
        intents=(Intent("list_remove", _read, timed=False), Intent("list_clear", _read_clear)),
        undoes=True,
        slots=CommandSlots(items="items", list="list"),
    )
    kind = "remove_from_list"
    at_once = True
    limit_s = 30.0

    def check(self, user: UUID, command: RemoveFromList) -> None:
        """Refuse to remove nothing.

        Raises:
            ValidationFailed: There is nothing to remove.
        """
        if not command.items and not command.everything:
            raise ValidationFailed([{"field": "items", "error": "cannot be empty"}])

    async def ask(self, caller: Caller, command: RemoveFromList) -> NewApproval | None:
        """Return what has to be approved: nothing where it is not clear what."""
        found = await self._find(caller.identity.user_id, command, messages_in(caller.language))
        if isinstance(found, RemovedFromList):
            return None
        texts = tuple(item.text for item in found.items)
        title = messages_in(caller.language).say(
            "remove_from_list.approval",
            list=one_line(found.list.name),
            items=", ".join(map(one_line, texts)),
        )
        return NewApproval(self.kind, title, _Removal(list_id=found.list.id, items=found.items))

    async def run(self, caller: Caller, command: RemoveFromList) -> RemovedFromList:
        """Remove what is meant; if that is not clear, nothing."""
        user, messages = caller.identity.user_id, messages_in(caller.language)
        found = await self._find(user, command, messages)
        if isinstance(found, RemovedFromList):
            return found
        unsure = command.everything and len(found.items) > 1 and not command.confirmed
        if unsure or caller.asks_only:
            return RemovedFromList(
                status="needs_confirmation", list=found.list, choices=_item_choices(found.items)
            )
        return await self._remove(user, found.list.id, found.items)

    def describe(self, result: RemovedFromList, messages: Messages, clock: Clock) -> str:
        """Return what was removed, or what there is to choose from."""
        if result.list is None:
            return describe_choices("lists", result, messages)
        title = list_title(result.list, messages)
        if result.status == "completed":
            items = enumerated(result.removed)
            return messages.say("remove_from_list", list=title, items=items)
        if not result.choices:
            return messages.say("show_list.empty", list=title)
        items = enumerated([choice.title for choice in result.choices])
        return messages.say(f"remove_from_list.{result.status}", list=title, items=items)

    async def carry_out(self, approved: Approved) -> RemovedFromList:
        """Remove what was approved, as far as it is still there."""
        payload = msgspec.json.decode(approved.payload, type=_Removal)
        return await self._remove(approved.user, payload.list_id, payload.items)

    def inverse(self, result: RemovedFromList) -> AddToList | None:
        """Return what adds them again."""
        if result.list is None or not 0 < len(result.removed) <= MOST_AT_ONCE:
            return None
        return AddToList(items=result.removed, list=result.list.name)

    async def _find(
        self, user: UUID, command: RemoveFromList, messages: Messages
    ) -> _Found | RemovedFromList:
        lists = self._backends.lists
        found = await find_lists(lists, user, wanted_name(command.list, messages), messages)
        if len(found) > 1:
            return RemovedFromList(status="needs_choice", choices=list_choices(found, messages))
        if not found:
            there = await all_choices(lists, user, messages)
            return RemovedFromList(status="not_found", choices=there)
        (one,) = found
        if command.everything:
            items = tuple(one.items)
            return _Found(one, items) if items else RemovedFromList(status="not_found", list=one)
        return _meant(one, command.items)

    async def _remove(
        self, user: UUID, list_id: UUID, items: Sequence[ListItem]
    ) -> RemovedFromList:
        after = await self._backends.lists.remove(user, list_id, [item.id for item in items])
        return RemovedFromList(list=after, removed=tuple(item.text for item in items))


class _Removal(msgspec.Struct, frozen=True, kw_only=True):
    """The content of an approval of a removal: the list, and the items with their texts."""

    list_id: UUID
    items: tuple[ListItem, ...]


def _meant(one: UserList, texts: Sequence[str]) -> _Found | RemovedFromList:
    """Return the items that are meant: of the same words, else those that the words fit."""
    meant: dict[UUID, ListItem] = {}
    for text in texts:
        equal = [item for item in one.items if caseless(item.text) == caseless(text)]
        fitting = equal or matching(text, one.items, lambda item: item.text)
        if len(fitting) > 1:
            return RemovedFromList(status="needs_choice", list=one, choices=_item_choices(fitting))
        meant.update((item.id, item) for item in fitting)
    if not meant:
        return RemovedFromList(status="not_found", list=one, choices=_item_choices(one.items))
    return _Found(one, tuple(meant.values()))


def _item_choices(items: Sequence[ListItem]) -> list[Choice]:
    return [Choice(id=str(item.id), title=quote(item.text)) for item in items]
