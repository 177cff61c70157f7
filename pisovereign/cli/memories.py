"""`pisovereign-cli memories`: see, add, export and forget what is remembered."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from pisovereign.cli.actions import Commands, argument, flag, limit, words
from pisovereign.cli.api import open_session, request
from pisovereign.cli.output import confirmed, show, table
from pisovereign.errors import StartError
from pisovereign.memory.types import KINDS

COMMANDS = Commands()

_memories = COMMANDS.group("memories", "see, export and forget what is remembered")
_print_memories = table(
    id="id",
    kind="memory_type",
    importance=lambda memory: f"{memory['importance']:.2f}",
    summary="summary",
)


def _print_stats(stats: Any) -> None:
    for row in stats["by_type"]:
        print(f"{row['memory_type']:<12} {row['count']:>7}")
    print(f"{'Total':<12} {stats['total']:>7}")
    for progress in stats["embeddings"]:
        print(f"read by {progress['model']}: {progress['embedded']}")


_memories.asks(
    "list",
    "show the newest",
    "GET /v1/memories",
    limit(20),
    argument("--type", "only those of this kind", dest="memory_type", choices=KINDS),
    tell=_print_memories,
)
_memories.asks(
    "search",
    "find by meaning and words",
    "GET /v1/memories/search",
    words("q", "what is looked for", metavar="words"),
    limit(10),
    tell=_print_memories,
)
_memories.asks("show", "show one whole", "GET /v1/memories/{id}")


@_memories.runs(
    "add",
    "remember something; reads its text if none is given",
    words("content", "what is to be remembered", nargs="*"),
    argument("--summary", "in a few words (default: the beginning)"),
    argument("--type", "(default fact)", choices=KINDS, default="fact"),
)
def _add(args: argparse.Namespace) -> int:
    content = args.content or sys.stdin.read().strip()
    summary = args.summary or " ".join(content.split())[:120]
    body = {"content": content, "summary": summary, "memory_type": args.type}
    answer = request(open_session(args), "POST", "/v1/memories", json=body)
    show(args, answer, lambda made: print(made["id"]))
    return 0


_memories.asks("delete", "forget one", "DELETE /v1/memories/{id}")
_memories.asks(
    "stats", "show how many memories there are", "GET /v1/memories/stats", tell=_print_stats
)
_memories.copies(
    "export",
    "print every memory, one JSON object a line",
    "/v1/memories/export",
    "application/x-ndjson",
)


@_memories.runs("forget-all", "delete every memory, for good", flag("--yes", "do not ask"))
def _forget_all(args: argparse.Namespace) -> int:
    if not args.yes and not confirmed("Delete every memory, for good? Type yes:"):
        raise StartError("nothing was deleted; answer yes, or use --yes")
    body = request(open_session(args), "DELETE", "/v1/memories?confirm=all")
    show(args, body, lambda answer: print(f"deleted memories: {answer['deleted']}"))
    return 0
