"""Commands about lists."""

from __future__ import annotations

import msgspec

from pisovereign.lists.types import ItemTexts, ListName


class AddToList(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """Add items to a list, which is made if it is not there; None: to the shopping list."""

    items: ItemTexts
    list: ListName | None = None


class RemoveFromList(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """Remove items from a list, or everything; None: from the shopping list.

    What is `confirmed` is done without asking back.
    """

    items: ItemTexts = ()
    list: ListName | None = None
    everything: bool = False
    confirmed: bool = False


class ShowList(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """What is on a list; None: on the shopping list."""

    list: ListName | None = None


class CreateList(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Make a list."""

    list: ListName


class DeleteList(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """Delete a list with all that is on it.

    What is `confirmed` is done without asking back.
    """

    list: ListName
    confirmed: bool = False
