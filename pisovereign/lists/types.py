"""Types of the list routes."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from pisovereign.validation import no_nul, not_blank

MOST_LISTS = 100
"""Lists of one user."""
MOST_ITEMS = 500
"""Items of one list."""
MOST_AT_ONCE = 50
"""Items that are added at once."""


def _no_broken_item(items: tuple[str, ...]) -> str | None:
    broken = (error for item in items if (error := not_blank(item) or no_nul(item)))
    return next((f"entry {error}" for error in broken), None)


ListName = Annotated[str, Meta(min_length=1, max_length=100, extra={"rules": (not_blank, no_nul)})]
ItemText = Annotated[str, Meta(min_length=1, max_length=200, extra={"rules": (not_blank, no_nul)})]
ItemTexts = Annotated[
    tuple[ItemText, ...], Meta(max_length=MOST_AT_ONCE, extra={"rules": (_no_broken_item,)})
]


class NewList(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /v1/lists`, and of `PATCH /v1/lists/{id}`."""

    name: ListName


class NewItems(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /v1/lists/{id}/items`."""

    items: Annotated[
        tuple[ItemText, ...],
        Meta(min_length=1, max_length=MOST_AT_ONCE, extra={"rules": (_no_broken_item,)}),
    ]


class ItemPatch(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `PATCH /v1/lists/{id}/items/{item_id}`: what is to be different."""

    text: ItemText | None = None
    done: bool | None = None


class ItemOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /v1/lists/{id}/order`: ids of items, as they are to follow each other."""

    items: Annotated[tuple[UUID, ...], Meta(min_length=1, max_length=MOST_ITEMS)]


class Clear(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /v1/lists/{id}/clear`; with `done`, only what is done is removed."""

    done: bool = False


class ListItem(msgspec.Struct, frozen=True, kw_only=True):
    """One item; `error` is there when the stored text cannot be opened, which is empty then."""

    id: UUID
    text: str
    done: bool
    created_at: dt.datetime
    error: str | UnsetType = UNSET


class ListSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A list without its items.

    `key` is `shopping` or `todo` for the lists that have a name in every language, null for others.
    `open` are the items that are not done. `error` is as for an item.
    """

    id: UUID
    name: str
    key: str | None
    items: int
    open: int
    created_at: dt.datetime
    updated_at: dt.datetime
    error: str | UnsetType = UNSET


class UserList(msgspec.Struct, frozen=True, kw_only=True):
    """A list with all of its items, in their order: as they were added, or were put."""

    id: UUID
    name: str
    key: str | None
    items: list[ListItem]
    created_at: dt.datetime
    updated_at: dt.datetime
    error: str | UnsetType = UNSET
