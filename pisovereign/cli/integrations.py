"""`pisovereign-cli integrations test`."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from pisovereign.cli.api import add_connection_options, explain, open_session, run_async
from pisovereign.cli.output import decode, printable


def add_parser(commands: Any) -> None:
    """Add the command and its action."""
    parser = commands.add_parser("integrations", help="weather, calendar, mail and the like")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    testing = actions.add_parser("test", help="say which of them work and what to fix")
    testing.add_argument("--json", action="store_true", help="print the server's own answer")
    add_connection_options(testing)
    testing.set_defaults(run=lambda args: run_async(test(args)))


async def test(args: argparse.Namespace) -> int:
    """Print one line for each; exit code 1 if one that is set up does not work."""
    async with open_session(args) as session, session.post("/v1/integrations/test") as response:
        if response.status != 200:
            raise await explain(response)
        body = await response.read()
    outcomes = decode(body)["integrations"]
    if args.json:
        sys.stdout.write(body.decode() + "\n")
    else:
        for outcome in outcomes:
            print(printable(f"{outcome['name']:<10} {_described(outcome)}"))
    return 1 if any(outcome["status"] == "fails" for outcome in outcomes) else 0


def _described(outcome: dict[str, Any]) -> str:
    match outcome["status"]:
        case "works":
            return f"works ({outcome['latency_ms']} ms): {outcome['detail']}"
        case "fails":
            return f"FAILS: {outcome['detail']}"
        case _:
            return f"not set up: {outcome['detail']}"
