"""Commands about lists."""

from __future__ import annotations

from pisovereign.actions.command import Command
from pisovereign.lists.types import ItemTexts, ListName


class AddToList(Command, frozen=True, kw_only=True, omit_defaults=True):
    """Add items to a list, which is made if it is not there; None: to the shopping list."""

    items: ItemTexts
    list: ListName | None = None


class RemoveFromList(Command, frozen=True, kw_only=True, omit_defaults=True):
    """Remove items from a list, or everything; None: from the shopping list.

    What is `confirmed` is done without asking back.
    """

    items: ItemTexts = ()
    list: ListName | None = None
    everything: bool = False
    confirmed: bool = False


class ShowList(Command, frozen=True, kw_only=True, omit_defaults=True):
    """The items of a list; None: of the shopping list."""

    list: ListName | None = None


class CreateList(Command, frozen=True, kw_only=True):
    """Make a list."""

    list: ListName


class DeleteList(Command, frozen=True, kw_only=True, omit_defaults=True):
    """Delete a list with all that is on it.

    What is `confirmed` is done without asking back.
    """

    list: ListName
    confirmed: bool = False
