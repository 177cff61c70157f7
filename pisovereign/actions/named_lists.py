"""Which list is meant, and what it is called."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from pisovereign.actions.backends import Lists
from pisovereign.actions.messages import quote
from pisovereign.actions.outcome import Choice
from pisovereign.actions.word_matching import matching
from pisovereign.languages.messages import Messages
from pisovereign.lists.names import SHOPPING
from pisovereign.lists.types import ListSummary, UserList


def wanted_name(name: str | None, messages: Messages) -> str:
    """Return the name of the list that is meant: without one, the shopping list."""
    return name or messages.say(f"list.{SHOPPING}")


def list_title(found: ListSummary | UserList, messages: Messages) -> str:
    """Return what a list is called in a language."""
    return messages.say(f"list.{found.key}") if found.key else quote(found.name)


async def find_lists(lists: Lists, user: UUID, name: str, messages: Messages) -> list[UserList]:
    """Return the list of a name, else those whose names fit its words."""
    found = await lists.find(user, name)
    if found is not None:
        return [found]
    there = await lists.lists(user)
    fitting = matching(name, there, lambda one: list_title(one, messages))
    return [await lists.get(user, one.id) for one in fitting]


async def all_choices(lists: Lists, user: UUID, messages: Messages) -> list[Choice]:
    """Return every list as what can be chosen."""
    return list_choices(await lists.lists(user), messages)


def list_choices(there: Sequence[ListSummary | UserList], messages: Messages) -> list[Choice]:
    """Return lists as what can be chosen."""
    return [Choice(id=str(one.id), title=list_title(one, messages)) for one in there]


def enumerated(texts: Sequence[str]) -> str:
    """Return `Milk, eggs`, each in one line."""
    return ", ".join(quote(text) for text in texts)
