"""`pisovereign-cli approvals` and `audit`: decide what waits, and read the log of decisions."""

from __future__ import annotations

import argparse
import sys
from typing import Any
from urllib.parse import quote

import msgspec

from pisovereign.cli.api import add_connection_options, open_session, request, request_in
from pisovereign.cli.catalog import execution_code, print_execution
from pisovereign.cli.output import (
    ExitCode,
    add_json_option,
    confirmed,
    decode,
    print_fields,
    print_table,
    printable,
    show,
)
from pisovereign.errors import StartError

APPROVALS = "/v1/approvals"


def add_parser(commands: Any) -> None:
    """Add the two commands."""
    _add_approvals(commands)
    _add_audit(commands)


def _add_approvals(commands: Any) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("approvals", help="see what waits, and decide")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="show what waits for a decision")
    add_json_option(listing)
    listing.add_argument("--all", action="store_true", help="also what was decided")
    add_connection_options(listing)
    listing.set_defaults(run=show_approvals)
    showing = actions.add_parser("show", help="show one whole")
    showing.add_argument("id", help="the approval's id")
    add_json_option(showing)
    add_connection_options(showing)
    showing.set_defaults(run=show_one)
    approving = actions.add_parser("approve", help="show one, request, and have it carried out")
    approving.add_argument("id", help="the approval's id")
    add_json_option(approving)
    approving.add_argument("--yes", action="store_true", help="do not ask")
    add_connection_options(approving)
    approving.set_defaults(run=approve)
    denying = actions.add_parser("deny", help="refuse one")
    denying.add_argument("id", help="the approval's id")
    denying.add_argument("--reason", help="why")
    add_json_option(denying)
    add_connection_options(denying)
    denying.set_defaults(run=deny)
    canceling = actions.add_parser("cancel", help="withdraw what was asked for")
    canceling.add_argument("id", help="the approval's id")
    add_json_option(canceling)
    add_connection_options(canceling)
    canceling.set_defaults(run=cancel)


def show_approvals(args: argparse.Namespace) -> int:
    """Print one line for each approval."""
    query = {} if args.all else {"status": "pending"}
    show(args, request(args, "GET", APPROVALS, params=query), _print_approvals)
    return 0


def _print_approvals(approvals: Any) -> None:
    rows = [
        (one["id"], one["status"], one["requested_by"], one["title"] or f"({one.get('error')})")
        for one in approvals
    ]
    print_table(("id", "status", "asked by", "what"), rows)


def show_one(args: argparse.Namespace) -> int:
    """Print every field of one approval."""
    show(args, request(args, "GET", _path(args.id)), print_fields)
    return 0


def approve(args: argparse.Namespace) -> int:
    """Show what would be done, ask for confirmation, and print the outcome."""
    path = _path(args.id)
    session = open_session(args)
    asked = decode(request_in(session, "GET", path))
    if not (args.json and args.yes):
        print(printable(f"{asked['kind']}: {asked['title']}"), file=sys.stderr)
        for line in asked["lines"]:
            if line["text"] != asked["title"]:
                value = printable(line["text"]).replace("\n", "\n    ")
                print(f"  {printable(line['label'])}: {value}", file=sys.stderr)
    if not args.yes and not confirmed("Approve? Type yes:"):
        raise StartError("nothing was approved; answer yes, or use --yes")
    body = request_in(session, "POST", f"{path}/approve")
    show(args, body, _print_outcome)
    done = decode(body)
    if done["status"] != "executed":
        return ExitCode.FAILED
    return execution_code(done["result"]) if done["kind"] == "catalog_command" else 0


def _print_outcome(done: dict[str, Any]) -> None:
    if done["status"] != "executed":
        raise StartError(f"{done['status']}: {done['reason']}")
    if done["kind"] == "catalog_command":
        print_execution(done["result"])
    else:
        print(printable(msgspec.json.format(msgspec.json.encode(done["result"])).decode()))


def deny(args: argparse.Namespace) -> int:
    """Deny an approval."""
    body = {"reason": args.reason} if args.reason else {}
    answer = request(args, "POST", f"{_path(args.id)}/deny", json=body)
    show(args, answer, lambda _: print("denied"))
    return 0


def cancel(args: argparse.Namespace) -> int:
    """Withdraw a request for approval."""
    answer = request(args, "POST", f"{_path(args.id)}/cancel")
    show(args, answer, lambda _: print("cancelled"))
    return 0


def _path(approval: str) -> str:
    return f"{APPROVALS}/{quote(approval, safe='')}"


def _add_audit(commands: Any) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("audit", help="see what was asked for, decided and executed")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="show the newest entries")
    add_json_option(listing)
    listing.add_argument("--limit", type=int, default=20, help="how many (default 20)")
    add_connection_options(listing)
    listing.set_defaults(run=show_entries)
    verifying = actions.add_parser("verify", help="check that nothing was changed or removed")
    add_json_option(verifying)
    verifying.add_argument("--head", help="a head that was noted before, to be found in it")
    add_connection_options(verifying)
    verifying.set_defaults(run=verify)


def show_entries(args: argparse.Namespace) -> int:
    """Print the newest entries, the newest last."""
    show(args, request(args, "GET", "/v1/audit", params={"limit": args.limit}), _print_entries)
    return 0


def _print_entries(entries: Any) -> None:
    rows = [
        (e["seq"], f"{e['at'][:19]}Z", e["event"], e["actor"], e["what"] or e["subject"])
        for e in reversed(entries)
    ]
    print_table(("number", "at", "event", "by", "what"), rows)


def verify(args: argparse.Namespace) -> int:
    """Print whether the log is intact; return 1 if it is not."""
    query = {"head": args.head} if args.head else {}
    body = request(args, "GET", "/v1/audit/verify", params=query)
    show(args, body, _print_report)
    return 0 if decode(body)["intact"] else 1


def _print_report(report: Any) -> None:
    if report["intact"]:
        print(f"{report['entries']} entries, intact\nhead {report['head']}")
        if pruned := report.get("pruned"):
            print(f"the first {pruned['entries']}, up to {pruned['last_at'][:10]}, were deleted")
        if report.get("noted") == "pruned":
            print("the entry that was noted is one of those: it can no longer be compared")
        return
    print(printable(f"NOT INTACT: {report['problem']}"))
    if report["broken"] is not None:
        print(f"the first broken entry is number {report['broken']}")
