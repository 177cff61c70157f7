"""`pisovereign-cli lists`: the shopping list, the to-do list and others."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

import msgspec

from pisovereign.cli.actions import Commands, argument, flag, words
from pisovereign.cli.api import open_session, request
from pisovereign.cli.http_client import Session
from pisovereign.cli.output import NotOnServer, decode, print_table, show, table

_PATH = "/v1/lists"


def _found(session: Session, said: str) -> str:
    """Return the id of the list with this name, key or id.

    Raises:
        NotOnServer: There is none.
    """
    lists = msgspec.json.decode(request(session, "GET", _PATH))
    wanted = said.casefold()
    for field in ("id", "key", "name"):
        for each in lists:
            if (each[field] or "").casefold() == wanted:
                return str(each["id"])
    raise NotOnServer(f"there is no list {said!r}; see: lists list")


def _item(items: Sequence[dict[str, Any]], said: str) -> str:
    """Return the id of the item with this text or id.

    Raises:
        NotOnServer: It is not on the list.
    """
    wanted = said.casefold()
    for each in items:
        if wanted in (each["id"], each["text"].casefold()):
            return str(each["id"])
    raise NotOnServer(f"{said!r} is not on that list; nothing was changed")


def _print_items(whole: Any) -> None:
    rows = [
        (each["id"], "x" if each["done"] else "", each.get("error") or each["text"])
        for each in whole["items"]
    ]
    print_table(("id", "done", whole.get("error") or whole["name"]), rows)


COMMANDS = Commands()

_LIST = argument("list", "its name, its id, shopping or todo")
_lists = COMMANDS.group("lists", "see and change your lists", named=_LIST, find=_found)
_lists.asks(
    "list",
    "show which lists there are",
    "GET /v1/lists",
    tell=table(id="id", open="open", items="items", name="name"),
)
_lists.asks("show", "show what is on one", "GET /v1/lists/{list}", tell=_print_items)
_lists.asks(
    "create",
    "make one",
    "POST /v1/lists",
    words("name", "its name"),
    tell=lambda made: print(made["id"]),
)


@_lists.runs(
    "add",
    "add items; the list is made if there is none",
    _LIST,
    argument("items", "in quotes where it has spaces", nargs="+", metavar="ITEM"),
)
def _add(args: argparse.Namespace) -> int:
    session = open_session(args)
    try:
        found = _found(session, args.list)
    except NotOnServer:  # the server knows its usual names in every language
        made = request(session, "POST", _PATH, json={"name": args.list})
        found = str(decode(made)["id"])
    body = request(session, "POST", f"{_PATH}/{found}/items", json={"items": args.items})
    show(args, body, _print_items)
    return 0


def _add_change(name: str, text: str, method: str, change: dict[str, bool] | None = None) -> None:
    """Add a command that sends a change for each named item, and prints the list."""

    @_lists.runs(
        name,
        text,
        _LIST,
        argument("items", "the text of an item, or its id", nargs="+", metavar="ITEM"),
    )
    def run(args: argparse.Namespace) -> int:
        session = open_session(args)
        path = f"{_PATH}/{_found(session, args.list)}"
        items = decode(request(session, "GET", path))["items"]
        # All are looked for before the first is changed: a wrong name changes nothing.
        for identifier in [_item(items, said) for said in args.items]:
            request(session, method, f"{path}/items/{identifier}", json=change)
        show(args, request(session, "GET", path), _print_items)
        return 0


_add_change("done", "check items off", "PATCH", {"done": True})
_add_change("open", "take that back", "PATCH", {"done": False})
_add_change("remove", "remove items", "DELETE")
_lists.asks(
    "rename",
    "give one another name",
    "PATCH /v1/lists/{list}",
    words("name", "its new name"),
    tell=_print_items,
)
_lists.asks(
    "clear",
    "remove all that is on one",
    "POST /v1/lists/{list}/clear",
    flag("--done", "only what is done"),
    tell=_print_items,
)
_lists.asks("delete", "delete one with all that is on it", "DELETE /v1/lists/{list}")
