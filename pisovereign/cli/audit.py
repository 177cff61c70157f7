"""`pisovereign-cli audit list | verify`."""

from __future__ import annotations

import argparse
from typing import Any

from pisovereign.cli.api import add_connection_options, ask, run_async
from pisovereign.cli.output import add_json_option, decode, print_table, printable, show


def add_parser(commands: Any) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("audit", help="see what was asked for, decided and executed")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="show the newest entries")
    add_json_option(listing)
    listing.add_argument("--limit", type=int, default=20, help="how many (default 20)")
    add_connection_options(listing)
    listing.set_defaults(run=lambda args: run_async(show_entries(args)))
    verifying = actions.add_parser("verify", help="check that nothing was changed or removed")
    add_json_option(verifying)
    verifying.add_argument("--head", help="a head that was noted before, to be found in it")
    add_connection_options(verifying)
    verifying.set_defaults(run=lambda args: run_async(verify(args)))


async def show_entries(args: argparse.Namespace) -> int:
    """Print the newest entries, the newest last."""
    show(args, await ask(args, "GET", "/v1/audit", params={"limit": args.limit}), _print_entries)
    return 0


def _print_entries(entries: Any) -> None:
    rows = [
        (e["seq"], f"{e['at'][:19]}Z", e["event"], e["actor"], e["what"] or e["subject"])
        for e in reversed(entries)
    ]
    print_table(("number", "at", "event", "by", "what"), rows)


async def verify(args: argparse.Namespace) -> int:
    """Print whether the log is intact; 1 if it is not."""
    query = {"head": args.head} if args.head else {}
    body = await ask(args, "GET", "/v1/audit/verify", params=query)
    show(args, body, _print_report)
    return 0 if decode(body)["intact"] else 1


def _print_report(report: Any) -> None:
    if report["intact"]:
        print(f"{report['entries']} entries, intact\nhead {report['head']}")
        return
    print(printable(f"NOT INTACT: {report['problem']}"))
    if report["broken"] is not None:
        print(f"the first broken entry is number {report['broken']}")
