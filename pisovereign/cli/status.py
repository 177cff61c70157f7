"""`pisovereign-cli status`: is everything there?"""

from __future__ import annotations

import argparse
import sys
from typing import Any

from pisovereign.cli.api import add_url_option, open_session, run_async
from pisovereign.cli.output import decode, printable
from pisovereign_native.vectors import kernels


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("status", help="show whether every service is healthy")
    parser.add_argument("--json", action="store_true", help="print the server's own words")
    add_url_option(parser)
    parser.set_defaults(run=lambda args: run_async(status(args)))


async def status(args: argparse.Namespace) -> int:
    """Print the health of each service; exit code 0 when the server is ready."""
    async with open_session(args, with_key=False) as session, session.get("/ready/all") as response:
        body = await response.read()
    report = decode(body)
    if args.json:
        sys.stdout.write(body.decode() + "\n")
    else:
        print(f"PiSovereign is {report['status'].replace('_', ' ')}")
        for name, service in report["services"].items():
            print(printable(f"  {name:<10} {_describe(service)}"))
        # The fastest is what the server uses too, when it runs on this machine.
        print(f"Vector search on this machine: {', '.join(kernels())}, the first of which is used")
    return 0 if report["status"] == "ready" else 1


def _describe(service: dict[str, Any]) -> str:
    if service["healthy"] is None:
        return "not configured"
    if service["healthy"]:
        took = service.get("latency_ms")
        return "healthy" if took is None else f"healthy ({took} ms)"
    return f"FAILED: {service.get('error', 'unknown')}"
