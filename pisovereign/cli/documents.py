"""`pisovereign-cli documents`: add, see, search, save and delete documents."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pisovereign.cli.actions import add_action
from pisovereign.cli.api import add_connection_options, error_of, open_session, request
from pisovereign.cli.output import print_fields, print_table, show
from pisovereign.errors import StartError

DOCUMENTS = "/v1/documents"
_HEADERS = {"Content-Type": "application/octet-stream"}


def add_parser(commands: Any) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("documents", help="add, search and delete documents")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    adding = add_action(actions, "add", "add files, which are then read", add)
    adding.add_argument("file", nargs="+", type=Path, help="a file")
    listing = add_action(actions, "list", "show the newest, and how far they are read", show_list)
    listing.add_argument("--limit", type=int, default=20, help="how many (default 20)")
    searching = add_action(actions, "search", "find passages by meaning and words", search)
    searching.add_argument("words", nargs="+", help="what is looked for")
    searching.add_argument("--limit", type=int, default=5, help="how many (default 5)")
    add_action(actions, "show", "show one", show_one).add_argument("id", help="its id")
    saving = actions.add_parser("save", help="write the file to the standard output")
    saving.add_argument("id", help="its id")
    add_connection_options(saving)
    saving.set_defaults(run=save)
    add_action(actions, "reindex", "read one again", reindex).add_argument("id", help="its id")
    add_action(actions, "delete", "delete one, for good", delete).add_argument("id", help="its id")


def add(args: argparse.Namespace) -> int:
    """Send files, and print the id of each document."""
    for path in args.file:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise StartError(f"{path}: {error.strerror}") from None
        query = {"name": path.name}
        try:
            made = request(args, "POST", DOCUMENTS, params=query, data=data, headers=_HEADERS)
        except StartError as error:
            # Of several files it has to be said which.
            raise type(error)(f"{path}: {str(error).removeprefix('body ')}") from None
        show(args, made, lambda one: print(one["id"]))
    return 0


def show_list(args: argparse.Namespace) -> int:
    """Print one line for each document."""
    listed = request(args, "GET", DOCUMENTS, params={"limit": args.limit})
    show(args, listed, _print_documents)
    return 0


def search(args: argparse.Namespace) -> int:
    """Print the passages that were found, best first."""
    query = {"q": " ".join(args.words), "limit": args.limit}
    show(args, request(args, "GET", f"{DOCUMENTS}/search", params=query), _print_passages)
    return 0


def show_one(args: argparse.Namespace) -> int:
    """Print every field of one document."""
    show(args, request(args, "GET", _path(args.id)), print_fields)
    return 0


def save(args: argparse.Namespace) -> int:
    """Copy the file of a document to the standard output."""
    path = f"{_path(args.id)}/content"
    with open_session(args).open("GET", path) as response:
        if response.status != 200:
            raise error_of(response)
        for piece in response.pieces():
            sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()
    return 0


def reindex(args: argparse.Namespace) -> int:
    """Have a document read again."""
    show(args, request(args, "POST", f"{_path(args.id)}/reindex"), print_fields)
    return 0


def delete(args: argparse.Namespace) -> int:
    """Delete a document."""
    request(args, "DELETE", _path(args.id))
    print('{"deleted":true}' if args.json else "deleted")
    return 0


def _path(document: str) -> str:
    return f"{DOCUMENTS}/{quote(document, safe='')}"


def _print_documents(documents: Any) -> None:
    rows = [(d["id"], d["state"], f"{d['read']}/{d['passages']}", _named(d)) for d in documents]
    print_table(("id", "state", "read", "name"), rows)


def _named(document: dict[str, Any]) -> str:
    problem = document.get("error")
    return f"{document['name']}: {problem}" if problem else str(document["name"])


def _print_passages(passages: Any) -> None:
    for passage in passages:
        page = f", page {passage['page']}" if passage["page"] else ""
        heading = f", {passage['headings'][-1]}" if passage["headings"] else ""
        print_fields({"place": f"{passage['document']}{page}{heading}", "text": passage["text"]})
        print()
