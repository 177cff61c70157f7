"""`pisovereign-cli memories export | forget-all | stats`."""

from __future__ import annotations

import argparse
import sys
from typing import Any

import msgspec

from pisovereign.cli.api import add_connection_options, explain, open_session, run_async
from pisovereign.errors import StartError


def add_parser(commands: Any) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("memories", help="see, export and forget what is remembered")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    stats = actions.add_parser("stats", help="show how many memories there are")
    add_connection_options(stats)
    stats.set_defaults(run=lambda args: run_async(show_stats(args)))
    exporting = actions.add_parser("export", help="print every memory, one JSON object a line")
    add_connection_options(exporting)
    exporting.set_defaults(run=lambda args: run_async(export(args)))
    forgetting = actions.add_parser("forget-all", help="delete every memory, for good")
    forgetting.add_argument("--yes", action="store_true", help="do not ask")
    add_connection_options(forgetting)
    forgetting.set_defaults(run=lambda args: run_async(forget_all(args)))


async def show_stats(args: argparse.Namespace) -> int:
    """Print counts, and how far the embedding model is."""
    async with open_session(args) as session, session.get("/v1/memories/stats") as response:
        if response.status != 200:
            raise await explain(response)
        stats = msgspec.json.decode(await response.read())
    for row in stats["by_type"]:
        print(f"{row['memory_type']:<12} {row['count']:>7}")
    print(f"{'Total':<12} {stats['total']:>7}")
    print(f"read by {stats['embedding']['model']}: {stats['embedding']['embedded']}")
    return 0


async def export(args: argparse.Namespace) -> int:
    """Copy the server's export to the standard output."""
    async with open_session(args) as session, session.get("/v1/memories/export") as response:
        if response.status != 200:
            raise await explain(response)
        async for piece in response.content.iter_any():
            sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()
    return 0


async def forget_all(args: argparse.Namespace) -> int:
    """Delete every memory of the key's user, after asking."""
    if not args.yes and not _confirmed():
        raise StartError("nothing was deleted; answer yes, or use --yes")
    path = "/v1/memories?confirm=all"
    async with open_session(args) as session, session.delete(path) as response:
        if response.status != 200:
            raise await explain(response)
        deleted = msgspec.json.decode(await response.read())["deleted"]
    print(f"deleted memories: {deleted}")
    return 0


def _confirmed() -> bool:
    if not sys.stdin.isatty():
        return False
    return input("Delete every memory, for good? Type yes: ").strip() == "yes"
