"""`pisovereign-cli approvals` and `audit`: decide what waits, and read the log of decisions."""

from __future__ import annotations

import argparse
import sys
from typing import Any
from urllib.parse import quote

import msgspec

from pisovereign.cli.actions import Commands, all_or, argument, flag, limit
from pisovereign.cli.api import open_session, request
from pisovereign.cli.catalog import execution_code, print_execution
from pisovereign.cli.output import ExitCode, confirmed, decode, printable, show, table
from pisovereign.errors import StartError


def _unless_empty(text: str) -> str | None:
    return text or None


COMMANDS = Commands()

_ID = argument("id", "the approval's id")
_approvals = COMMANDS.group("approvals", "see what waits, and decide", named=_ID)
_print_approvals = table(
    id="id",
    status="status",
    asked_by="requested_by",
    what=lambda one: one["title"] or f"({one.get('error')})",
)
_approvals.asks(
    "list",
    "show what waits for a decision",
    "GET /v1/approvals",
    all_or("pending", "also what was decided"),
    tell=_print_approvals,
)
_approvals.asks("show", "show one whole", "GET /v1/approvals/{id}")


@_approvals.runs(
    "approve", "show one, request, and have it carried out", _ID, flag("--yes", "do not ask")
)
def _approve(args: argparse.Namespace) -> int:
    path = f"/v1/approvals/{quote(args.id, safe='')}"
    session = open_session(args)
    asked = decode(request(session, "GET", path))
    if not (args.json and args.yes):
        print(printable(f"{asked['kind']}: {asked['title']}"), file=sys.stderr)
        for line in asked["lines"]:
            if line["text"] != asked["title"]:
                value = printable(line["text"]).replace("\n", "\n    ")
                print(f"  {printable(line['label'])}: {value}", file=sys.stderr)
    if not args.yes and not confirmed("Approve? Type yes:"):
        raise StartError("nothing was approved; answer yes, or use --yes")
    done = show(args, request(session, "POST", f"{path}/approve"), _print_outcome)
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


_approvals.asks(
    "deny",
    "refuse one",
    "POST /v1/approvals/{id}/deny",
    argument("--reason", "why", type=_unless_empty),
    tell=lambda _: print("denied"),
)
_approvals.asks(
    "cancel",
    "withdraw what was asked for",
    "POST /v1/approvals/{id}/cancel",
    tell=lambda _: print("cancelled"),
)
_audit = COMMANDS.group("audit", "see what was asked for, decided and executed")
_print_entries = table(
    number="seq",
    at=lambda entry: f"{entry['at'][:19]}Z",
    event="event",
    by="actor",
    what=lambda entry: entry["what"] or entry["subject"],
)


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


_audit.asks(
    "list",
    "show the newest entries",
    "GET /v1/audit",
    limit(20),
    tell=lambda entries: _print_entries(reversed(entries)),
)
_audit.asks(
    "verify",
    "check that nothing was changed or removed",
    "GET /v1/audit/verify",
    argument("--head", "a head that was noted before, to be found in it", type=_unless_empty),
    tell=_print_report,
    code=lambda report: 0 if report["intact"] else 1,
)
