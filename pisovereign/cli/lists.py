"""`pisovereign-cli lists`: the shopping list, the to-do list and others."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from pisovereign.cli.actions import add_action
from pisovereign.cli.api import open_session, request, request_in
from pisovereign.cli.http_client import Session
from pisovereign.cli.output import NotOnServer, decode, print_table, show

LISTS = "/v1/lists"
_LIST = "its name, its id, shopping or todo"
_ITEMS = "the text of an item, or its id"


def add_parser(commands: Any) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("lists", help="see and change your lists")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add_action(actions, "list", "show which lists there are", show_lists)
    _add_for_list(actions, "show", "show what is on one", show_one)
    add_action(actions, "create", "make one", create).add_argument(
        "name", nargs="+", help="its name"
    )
    adding = _add_for_list(actions, "add", "add items; the list is made if there is none", add)
    adding.add_argument("items", nargs="+", metavar="ITEM", help="in quotes where it has spaces")
    changes: tuple[tuple[str, str, Callable[[argparse.Namespace], int]], ...] = (
        ("done", "check items off", check_off),
        ("open", "take that back", open_again),
        ("remove", "remove items", remove),
    )
    for name, text, run in changes:
        changing = _add_for_list(actions, name, text, run)
        changing.add_argument("items", nargs="+", metavar="ITEM", help=_ITEMS)
    renaming = _add_for_list(actions, "rename", "give one another name", rename)
    renaming.add_argument("name", nargs="+", help="its new name")
    clearing = _add_for_list(actions, "clear", "remove all that is on one", clear)
    clearing.add_argument("--done", action="store_true", help="only what is done")
    _add_for_list(actions, "delete", "delete one with all that is on it", delete)


def _add_for_list(actions: Any, name: str, text: str, run: Any) -> argparse.ArgumentParser:
    parser = add_action(actions, name, text, run)
    parser.add_argument("list", help=_LIST)
    return parser


def show_lists(args: argparse.Namespace) -> int:
    """Print one line for each list."""
    show(args, request(args, "GET", LISTS), _print_lists)
    return 0


def show_one(args: argparse.Namespace) -> int:
    """Print the items of a list."""
    session = open_session(args)
    show(args, _whole(session, _found(session, args.list)), _print_items)
    return 0


def create(args: argparse.Namespace) -> int:
    """Make a list, or find the one of this name, and print its id."""
    body = request(args, "POST", LISTS, json={"name": " ".join(args.name)})
    show(args, body, lambda made: print(made["id"]))
    return 0


def add(args: argparse.Namespace) -> int:
    """Add items to a list, and print it."""
    session = open_session(args)
    try:
        found = _found(session, args.list)
    except NotOnServer:  # the server knows its usual names in every language
        made = request_in(session, "POST", LISTS, json={"name": args.list})
        found = str(decode(made)["id"])
    body = request_in(session, "POST", f"{_path(found)}/items", json={"items": args.items})
    show(args, body, _print_items)
    return 0


def check_off(args: argparse.Namespace) -> int:
    """Check items off, and print the list."""
    return _change(args, {"done": True})


def open_again(args: argparse.Namespace) -> int:
    """Take back that items were checked off, and print the list."""
    return _change(args, {"done": False})


def remove(args: argparse.Namespace) -> int:
    """Remove items, and print the list."""
    return _change(args, None)


def rename(args: argparse.Namespace) -> int:
    """Give a list another name."""
    session = open_session(args)
    path = _path(_found(session, args.list))
    body = request_in(session, "PATCH", path, json={"name": " ".join(args.name)})
    show(args, body, _print_items)
    return 0


def clear(args: argparse.Namespace) -> int:
    """Remove what is on a list, or what of it is done, and print it."""
    session = open_session(args)
    path = f"{_path(_found(session, args.list))}/clear"
    show(args, request_in(session, "POST", path, json={"done": args.done}), _print_items)
    return 0


def delete(args: argparse.Namespace) -> int:
    """Delete a list."""
    session = open_session(args)
    request_in(session, "DELETE", _path(_found(session, args.list)))
    print('{"deleted":true}' if args.json else "deleted")
    return 0


def _change(args: argparse.Namespace, change: dict[str, bool] | None) -> int:
    """Change each named item, or remove it, and print the list."""
    session = open_session(args)
    one = _found(session, args.list)
    items = decode(_whole(session, one))["items"]
    # All are looked for before the first is changed: a wrong name changes nothing.
    for identifier in [_item(items, said) for said in args.items]:
        path = f"{_path(one)}/items/{identifier}"
        if change is None:
            request_in(session, "DELETE", path)
        else:
            request_in(session, "PATCH", path, json=change)
    show(args, _whole(session, one), _print_items)
    return 0


def _found(session: Session, said: str) -> str:
    """Return the id of the list with this name, key or id.

    Raises:
        NotOnServer: There is none.
    """
    lists = msgspec.json.decode(request_in(session, "GET", LISTS))
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


def _path(identifier: str) -> str:
    return f"{LISTS}/{quote(identifier, safe='')}"


def _whole(session: Session, identifier: str) -> bytes:
    return request_in(session, "GET", _path(identifier))


def _print_lists(lists: Any) -> None:
    rows = [(each["id"], each["open"], each["items"], each["name"]) for each in lists]
    print_table(("id", "open", "items", "name"), rows)


def _print_items(whole: Any) -> None:
    rows = [
        (each["id"], "x" if each["done"] else "", each.get("error") or each["text"])
        for each in whole["items"]
    ]
    print_table(("id", "done", whole.get("error") or whole["name"]), rows)
