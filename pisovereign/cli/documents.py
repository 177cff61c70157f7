"""`pisovereign-cli documents`: add, see, search, save and delete documents."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from pisovereign.cli.actions import Commands, argument, limit, words
from pisovereign.cli.api import open_session, request
from pisovereign.cli.output import print_fields, show, table
from pisovereign.errors import StartError

COMMANDS = Commands()

_documents = COMMANDS.group("documents", "add, search and delete documents")
_HEADERS = {"Content-Type": "application/octet-stream"}


@_documents.runs(
    "add", "add files, which are then read", argument("file", "a file", nargs="+", type=Path)
)
def _add(args: argparse.Namespace) -> int:
    for path in args.file:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise StartError(f"{path}: {error.strerror}") from None
        options = {"params": {"name": path.name}, "data": data, "headers": _HEADERS}
        try:
            made = request(open_session(args), "POST", "/v1/documents", **options)
        except StartError as error:
            # Of several files it has to be said which.
            raise type(error)(f"{path}: {str(error).removeprefix('body ')}") from None
        show(args, made, lambda one: print(one["id"]))
    return 0


def _named(document: dict[str, Any]) -> str:
    problem = document.get("error")
    return f"{document['name']}: {problem}" if problem else str(document["name"])


_print_documents = table(
    id="id",
    state="state",
    read=lambda document: f"{document['read']}/{document['passages']}",
    name=_named,
)


def _print_passages(passages: Any) -> None:
    for passage in passages:
        page = f", page {passage['page']}" if passage["page"] else ""
        heading = f", {passage['headings'][-1]}" if passage["headings"] else ""
        print_fields({"place": f"{passage['document']}{page}{heading}", "text": passage["text"]})
        print()


_documents.asks(
    "list",
    "show the newest, and how far they are read",
    "GET /v1/documents",
    limit(20),
    tell=_print_documents,
)
_documents.asks(
    "search",
    "find passages by meaning and words",
    "GET /v1/documents/search",
    words("q", "what is looked for", metavar="words"),
    limit(5),
    tell=_print_passages,
)
_documents.asks("show", "show one", "GET /v1/documents/{id}")
_documents.copies("save", "write the file to the standard output", "/v1/documents/{id}/content")
_documents.asks("reindex", "read one again", "POST /v1/documents/{id}/reindex")
_documents.asks("delete", "delete one, for good", "DELETE /v1/documents/{id}")
