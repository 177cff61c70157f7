"""The routes of lists."""

from __future__ import annotations

from typing import Any

from falcon.asgi import Request, Response

from pisovereign.asgi.routes import Example, Routes, parse_id, route
from pisovereign.lists.service import ListService
from pisovereign.lists.types import (
    Clear,
    ItemOrder,
    ItemPatch,
    ListItem,
    ListSummary,
    NewItems,
    NewList,
    UserList,
)

_ITEM: dict[str, Any] = {
    "id": "0b6a7d3e-3a58-4d2f-8a39-0f6a1c2b7d11",
    "text": "Milk",
    "done": False,
    "created_at": "2026-02-07T10:31:00.159707Z",
}
_EMPTY: dict[str, Any] = {
    "id": "5b0c1c9e-6a7d-4f0e-9d6b-2f6a3c1d8e4f",
    "name": "Shopping list",
    "key": "shopping",
    "items": [],
    "created_at": "2026-02-07T10:30:00.159707Z",
    "updated_at": "2026-02-07T10:30:00.159707Z",
}
_SUMMARY: dict[str, Any] = {
    "id": _EMPTY["id"],
    "name": "Shopping list",
    "key": "shopping",
    "items": 0,
    "open": 0,
    "created_at": "2026-02-07T10:30:00.159707Z",
    "updated_at": "2026-02-07T10:30:00.159707Z",
}


class ListRoutes(Routes, tag="Lists"):
    """Lists over HTTP; all rules are in the service."""

    def __init__(self, service: ListService) -> None:
        self._service = service

    @route(
        "GET",
        "/v1/lists",
        summary="Show your lists",
        example=Example(response=[_SUMMARY]),
    )
    async def list_lists(self, req: Request, resp: Response) -> list[ListSummary]:
        """Show all of your lists, the oldest first, without their items.

        `key` is `shopping` or `todo` for the two lists that have a name in every language, and null
        for others. `items` is how many there are, `open` how many of them are not done.
        """
        return await self._service.lists(req.context.user.user_id)

    @route(
        "POST",
        "/v1/lists",
        summary="Make a list",
        status=201,
        errors=(409, 507),
        links=("getList", "renameList", "deleteList", "addListItems", "clearList"),
        fields={"name": "1 to 100 characters, not blank, no NUL"},
        example=Example(request={"name": "Shopping list"}, response=_EMPTY),
    )
    async def create_list(self, req: Request, resp: Response, body: NewList) -> UserList:
        """Make a list: 201, `Location`, and the list.

        If there is one of this name, that one is the answer. Case, words such as "my", and "list"
        itself do not count, and names of the shopping list and the to-do list are the same in every
        language: "Einkaufszettel" is the shopping list. There are at most 100 lists.
        """
        made, _ = await self._service.create(req.context.user.user_id, body.name)
        resp.location = f"/v1/lists/{made.id}"
        return made

    @route(
        "GET",
        "/v1/lists/{id}",
        summary="Show a list",
        example=Example(response=_EMPTY),
    )
    async def get_list(self, req: Request, resp: Response, list_id: str) -> UserList:
        """Show a list with its items, in the order that they have: as added, or as put."""
        return await self._service.get(req.context.user.user_id, parse_id(list_id, "list"))

    @route(
        "PATCH",
        "/v1/lists/{id}",
        summary="Rename a list",
        errors=(409,),
        fields={"name": "1 to 100 characters, not blank, no NUL"},
        example=Example(
            request={"name": "Party"}, response={**_EMPTY, "name": "Party", "key": None}
        ),
    )
    async def rename_list(
        self, req: Request, resp: Response, list_id: str, body: NewList
    ) -> UserList:
        """Give a list another name; if another list has it, that is a 409."""
        user = req.context.user.user_id
        return await self._service.rename(user, parse_id(list_id, "list"), body.name)

    @route(
        "DELETE",
        "/v1/lists/{id}",
        summary="Delete a list",
        status=204,
    )
    async def delete_list(self, req: Request, resp: Response, list_id: str) -> None:
        """Delete a list with all that is on it: 204 without a body, or 404 if there is none."""
        await self._service.delete(req.context.user.user_id, parse_id(list_id, "list"))

    @route(
        "POST",
        "/v1/lists/{id}/items",
        operation_id="addListItems",
        summary="Add items to a list",
        errors=(409, 507),
        fields={"items": "1 to 50 texts of 1 to 200 characters, not blank, no NUL"},
        example=Example(request={"items": ["Milk"]}, response={**_EMPTY, "items": [_ITEM]}),
    )
    async def add_items(
        self, req: Request, resp: Response, list_id: str, body: NewItems
    ) -> UserList:
        """Add items, and get the list.

        What is on it already, but for its case, is there once; if it was done it is open again. A
        list holds at most 500 items.
        """
        user = req.context.user.user_id
        added = await self._service.add_to(user, parse_id(list_id, "list"), body.items)
        return added.list

    @route(
        "PATCH",
        "/v1/lists/{id}/items/{item_id}",
        operation_id="changeListItem",
        summary="Check an item off, or change its text",
        fields={
            "text": "1 to 200 characters, not blank, no NUL",
            "done": "true or false",
        },
        example=Example(request={"done": True}, response={**_ITEM, "done": True}),
    )
    async def change_item(
        self, req: Request, resp: Response, list_id: str, item_id: str, body: ItemPatch
    ) -> ListItem:
        """Change the fields that are given; the others stay."""
        user = req.context.user.user_id
        return await self._service.change_item(
            user, parse_id(list_id, "list"), parse_id(item_id, "item"), body
        )

    @route(
        "DELETE",
        "/v1/lists/{id}/items/{item_id}",
        operation_id="removeListItem",
        summary="Remove an item",
        status=204,
    )
    async def remove_item(self, req: Request, resp: Response, list_id: str, item_id: str) -> None:
        """Remove an item: 204 without a body, or 404 if there is none."""
        user = req.context.user.user_id
        await self._service.remove_item(user, parse_id(list_id, "list"), parse_id(item_id, "item"))

    @route(
        "POST",
        "/v1/lists/{id}/order",
        operation_id="orderListItems",
        summary="Put the items of a list in order",
        fields={"items": "the ids of 1 to 500 items, in the order that they are to have"},
        example=Example(request={"items": [_ITEM["id"]]}, response=_EMPTY),
    )
    async def order_items(
        self, req: Request, resp: Response, list_id: str, body: ItemOrder
    ) -> UserList:
        """Put items in order, and get the list.

        Items that are not named follow as they were, such as one that somebody added meanwhile; ids
        of items that are not there any more are passed over.
        """
        user = req.context.user.user_id
        return await self._service.order(user, parse_id(list_id, "list"), body.items)

    @route(
        "POST",
        "/v1/lists/{id}/clear",
        summary="Remove all items of a list",
        fields={"done": "true: only those that are done; false if not given"},
        example=Example(request={"done": True}, response=_EMPTY),
    )
    async def clear_list(self, req: Request, resp: Response, list_id: str, body: Clear) -> UserList:
        """Remove all items, or those that are done, and get the list."""
        user = req.context.user.user_id
        return await self._service.clear(user, parse_id(list_id, "list"), only_done=body.done)
