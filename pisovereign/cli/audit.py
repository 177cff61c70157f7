"""`pisovereign-cli audit list | verify`."""

from __future__ import annotations

import argparse
from typing import Any

import msgspec

from pisovereign.cli.api import add_connection_options, explain, open_session, run_async


def add_parser(commands: Any) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("audit", help="see what was asked for, decided and executed")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="show the newest entries")
    listing.add_argument("--limit", type=int, default=20, help="how many (default 20)")
    add_connection_options(listing)
    listing.set_defaults(run=lambda args: run_async(show_entries(args)))
    verifying = actions.add_parser("verify", help="check that nothing was changed or removed")
    verifying.add_argument("--head", help="a head that was noted before, to be found in it")
    add_connection_options(verifying)
    verifying.set_defaults(run=lambda args: run_async(verify(args)))


async def show_entries(args: argparse.Namespace) -> int:
    """Print the newest entries, the newest last."""
    query = {"limit": args.limit}
    async with open_session(args) as session, session.get("/v1/audit", params=query) as response:
        if response.status != 200:
            raise await explain(response)
        entries = msgspec.json.decode(await response.read())
    for entry in reversed(entries):
        what = entry["what"] or entry["subject"]
        print(f"{entry['seq']:>6} {entry['at'][:19]}Z {entry['event']:<9} {entry['actor']}: {what}")
    return 0


async def verify(args: argparse.Namespace) -> int:
    """Print whether the log is intact; 1 if it is not."""
    query = {"head": args.head} if args.head else {}
    path = "/v1/audit/verify"
    async with open_session(args) as session, session.get(path, params=query) as response:
        if response.status != 200:
            raise await explain(response)
        report = msgspec.json.decode(await response.read())
    if report["intact"]:
        print(f"{report['entries']} entries, intact\nhead {report['head']}")
        return 0
    print(f"NOT INTACT: {report['problem']}")
    if report["broken"] is not None:
        print(f"the first broken entry is number {report['broken']}")
    return 1
