"""`pisovereign-cli approvals list | approve | deny`."""

from __future__ import annotations

import argparse
import sys
from typing import Any

import msgspec

from pisovereign.cli.api import add_connection_options, explain, open_session, run_async
from pisovereign.cli.catalog import print_execution
from pisovereign.errors import StartError


def add_parser(commands: Any) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("approvals", help="see what waits, and decide")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="show what waits for a decision")
    listing.add_argument("--all", action="store_true", help="also what was decided")
    add_connection_options(listing)
    listing.set_defaults(run=lambda args: run_async(show_approvals(args)))
    approving = actions.add_parser("approve", help="show one, ask, and have it carried out")
    approving.add_argument("id", help="the approval's id")
    approving.add_argument("--yes", action="store_true", help="do not ask")
    add_connection_options(approving)
    approving.set_defaults(run=lambda args: run_async(approve(args)))
    denying = actions.add_parser("deny", help="refuse one")
    denying.add_argument("id", help="the approval's id")
    denying.add_argument("--reason", help="why")
    add_connection_options(denying)
    denying.set_defaults(run=lambda args: run_async(deny(args)))


async def show_approvals(args: argparse.Namespace) -> int:
    """Print one line for each."""
    query = {} if args.all else {"status": "pending"}
    path = "/v1/approvals"
    async with open_session(args) as session, session.get(path, params=query) as response:
        if response.status != 200:
            raise await explain(response)
        approvals = msgspec.json.decode(await response.read())
    for one in approvals:
        title = one["title"] or f"({one.get('error')})"
        print(f"{one['id']}  {one['status']:<9}  {one['requested_by']}: {title}")
    return 0


async def approve(args: argparse.Namespace) -> int:
    """Show what would be done, ask, and print what came of it."""
    path = f"/v1/approvals/{args.id}"
    async with open_session(args) as session:
        async with session.get(path) as response:
            if response.status != 200:
                raise await explain(response)
            asked = msgspec.json.decode(await response.read())
        print(f"{asked['kind']}: {asked['title']}")
        if not args.yes and not _confirmed():
            raise StartError("nothing was approved; answer yes, or use --yes")
        async with session.post(f"{path}/approve") as response:
            if response.status != 200:
                raise await explain(response)
            done = msgspec.json.decode(await response.read())
    if done["status"] != "executed":
        raise StartError(f"{done['status']}: {done['reason']}")
    if done["kind"] == "catalog_command":
        return print_execution(done["result"])
    print(msgspec.json.format(msgspec.json.encode(done["result"])).decode())
    return 0


async def deny(args: argparse.Namespace) -> int:
    """Refuse one."""
    body = {"reason": args.reason} if args.reason else {}
    path = f"/v1/approvals/{args.id}/deny"
    async with open_session(args) as session, session.post(path, json=body) as response:
        if response.status != 200:
            raise await explain(response)
    print("denied")
    return 0


def _confirmed() -> bool:
    return sys.stdin.isatty() and input("Approve? Type yes: ").strip() == "yes"
