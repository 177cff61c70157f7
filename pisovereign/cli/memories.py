"""`pisovereign-cli memories`: see, add, export and forget what is remembered."""

from __future__ import annotations

import argparse
import sys
from typing import Any
from urllib.parse import quote

from pisovereign.cli.actions import add_action
from pisovereign.cli.api import add_connection_options, error_of, open_session, request
from pisovereign.cli.output import (
    confirmed,
    not_our_server,
    print_fields,
    print_table,
    show,
)
from pisovereign.errors import StartError
from pisovereign.memory.types import KINDS

MEMORIES = "/v1/memories"


def add_parser(commands: Any) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("memories", help="see, export and forget what is remembered")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = add_action(actions, "list", "show the newest", show_list)
    listing.add_argument("--limit", type=int, default=20, help="how many (default 20)")
    listing.add_argument("--type", choices=KINDS, help="only those of this kind")
    searching = add_action(actions, "search", "find by meaning and words", search)
    searching.add_argument("words", nargs="+", help="what is looked for")
    searching.add_argument("--limit", type=int, default=10, help="how many (default 10)")
    add_action(actions, "show", "show one whole", show_one).add_argument("id", help="its id")
    adding = add_action(actions, "add", "remember something; reads its text if none is given", add)
    adding.add_argument("content", nargs="*", help="what is to be remembered")
    adding.add_argument("--summary", help="in a few words (default: the beginning)")
    adding.add_argument("--type", choices=KINDS, default="fact", help="(default fact)")
    add_action(actions, "delete", "forget one", delete).add_argument("id", help="its id")
    add_action(actions, "stats", "show how many memories there are", show_stats)
    exporting = actions.add_parser("export", help="print every memory, one JSON object a line")
    add_connection_options(exporting)
    exporting.set_defaults(run=export)
    forgetting = add_action(actions, "forget-all", "delete every memory, for good", forget_all)
    forgetting.add_argument("--yes", action="store_true", help="do not ask")


def show_list(args: argparse.Namespace) -> int:
    """Print one line for each memory."""
    query = {"limit": args.limit} | ({"memory_type": args.type} if args.type else {})
    show(args, request(args, "GET", MEMORIES, params=query), _print_memories)
    return 0


def search(args: argparse.Namespace) -> int:
    """Print the memories that were found, best first."""
    query = {"q": " ".join(args.words), "limit": args.limit}
    show(args, request(args, "GET", f"{MEMORIES}/search", params=query), _print_memories)
    return 0


def show_one(args: argparse.Namespace) -> int:
    """Print every field of one memory."""
    show(args, request(args, "GET", _path(args.id)), print_fields)
    return 0


def add(args: argparse.Namespace) -> int:
    """Store a memory, and print its id."""
    content = " ".join(args.content) or sys.stdin.read().strip()
    summary = args.summary or " ".join(content.split())[:120]
    body = {"content": content, "summary": summary, "memory_type": args.type}
    show(args, request(args, "POST", MEMORIES, json=body), lambda made: print(made["id"]))
    return 0


def delete(args: argparse.Namespace) -> int:
    """Delete a memory."""
    request(args, "DELETE", _path(args.id))
    print('{"deleted":true}' if args.json else "deleted")
    return 0


def show_stats(args: argparse.Namespace) -> int:
    """Print counts, and how many memories have embeddings."""
    show(args, request(args, "GET", f"{MEMORIES}/stats"), _print_stats)
    return 0


def export(args: argparse.Namespace) -> int:
    """Copy the server's export to the standard output."""
    with open_session(args).open("GET", f"{MEMORIES}/export") as response:
        if response.status != 200:
            raise error_of(response)
        if response.content_type != "application/x-ndjson":
            raise not_our_server()
        for piece in response.pieces():
            sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()
    return 0


def forget_all(args: argparse.Namespace) -> int:
    """Delete every memory of the key's user, after asking."""
    if not args.yes and not confirmed("Delete every memory, for good? Type yes:"):
        raise StartError("nothing was deleted; answer yes, or use --yes")
    body = request(args, "DELETE", f"{MEMORIES}?confirm=all")
    show(args, body, lambda answer: print(f"deleted memories: {answer['deleted']}"))
    return 0


def _path(memory: str) -> str:
    return f"{MEMORIES}/{quote(memory, safe='')}"


def _print_memories(memories: Any) -> None:
    rows = [(m["id"], m["memory_type"], f"{m['importance']:.2f}", m["summary"]) for m in memories]
    print_table(("id", "kind", "importance", "summary"), rows)


def _print_stats(stats: Any) -> None:
    for row in stats["by_type"]:
        print(f"{row['memory_type']:<12} {row['count']:>7}")
    print(f"{'Total':<12} {stats['total']:>7}")
    for progress in stats["embeddings"]:
        print(f"read by {progress['model']}: {progress['embedded']}")
