"""`pisovereign-cli reminders`: what will be told, and when."""

from __future__ import annotations

import argparse
import datetime as dt
from typing import Any, get_args
from urllib.parse import quote

from pisovereign.cli.actions import add_action
from pisovereign.cli.api import request
from pisovereign.cli.output import print_fields, print_table, show
from pisovereign.errors import StartError
from pisovereign.reminders.repeat import Repeat

REMINDERS = "/v1/reminders"
_TIMES = "18:30, 2030-12-24 18:30 or 2030-12-24T18:30+01:00"


def add_parser(commands: Any) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("reminders", help="set, move and finish reminders")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = add_action(
        actions, "list", "show what is to come or due, the earliest first", show_list
    )
    listing.add_argument("--all", action="store_true", help="also those that are done")
    listing.add_argument("--limit", type=int, default=100, help="how many (default 100)")
    add_action(actions, "show", "show one whole", show_one).add_argument("id", help="its id")
    adding = add_action(actions, "add", "set one", add)
    adding.add_argument("title", nargs="+", help="what it is about")
    _add_when(adding)
    adding.add_argument("--repeat", choices=get_args(Repeat), help="how often it comes again")
    moving = add_action(actions, "move", "give one another time", move)
    moving.add_argument("id", help="its id")
    _add_when(moving)
    snoozing = add_action(actions, "snooze", "be told later", snooze)
    snoozing.add_argument("id", help="its id")
    snoozing.add_argument("--minutes", type=int, help="how much later (default: as configured)")
    add_action(actions, "done", "be done with one", done).add_argument("id", help="its id")
    add_action(actions, "delete", "delete one", delete).add_argument("id", help="its id")


def _add_when(parser: argparse.ArgumentParser) -> None:
    when = parser.add_mutually_exclusive_group(required=True)
    when.add_argument("--at", metavar="TIME", help=f"such as {_TIMES}")
    when.add_argument("--in", dest="minutes", type=int, metavar="MINUTES", help="from now on")


def show_list(args: argparse.Namespace) -> int:
    """Print one line for each reminder, with its time on this machine's clock."""
    query = {"limit": args.limit} | ({} if args.all else {"status": "open"})
    show(args, request(args, "GET", REMINDERS, params=query), _print_table)
    return 0


def show_one(args: argparse.Namespace) -> int:
    """Print every field of one reminder."""
    show(args, request(args, "GET", _path(args.id)), print_fields)
    return 0


def add(args: argparse.Namespace) -> int:
    """Set a reminder, and print its line."""
    body = {"title": " ".join(args.title), "remind_at": _when(args)}
    if args.repeat:
        body["repeat"] = args.repeat
    _show_one_line(args, request(args, "POST", REMINDERS, json=body))
    return 0


def move(args: argparse.Namespace) -> int:
    """Give a reminder another time, and print its line."""
    body = {"remind_at": _when(args)}
    _show_one_line(args, request(args, "PATCH", _path(args.id), json=body))
    return 0


def snooze(args: argparse.Namespace) -> int:
    """Put a reminder off, and print its line."""
    body = {} if args.minutes is None else {"minutes": args.minutes}
    _show_one_line(args, request(args, "POST", f"{_path(args.id)}/snooze", json=body))
    return 0


def done(args: argparse.Namespace) -> int:
    """Mark a reminder as done."""
    body = request(args, "POST", f"{_path(args.id)}/done")
    show(args, body, lambda _: print("done"))
    return 0


def delete(args: argparse.Namespace) -> int:
    """Delete a reminder."""
    request(args, "DELETE", _path(args.id))
    print('{"deleted":true}' if args.json else "deleted")
    return 0


def _path(identifier: str) -> str:
    return f"{REMINDERS}/{quote(identifier, safe='')}"


def _when(args: argparse.Namespace) -> str:
    """Return the time that was given; one without an offset is on this machine's clock.

    Raises:
        StartError: It is no time, or too far away to be one.
    """
    now = dt.datetime.now().astimezone()
    try:
        if args.minutes is not None:
            return (now + dt.timedelta(minutes=args.minutes)).isoformat()
        if len(args.at) <= len("18:30"):
            return _next(now, dt.time.fromisoformat(args.at)).isoformat()
        return dt.datetime.fromisoformat(args.at).astimezone().isoformat()
    except (ValueError, OverflowError):
        raise StartError("that is no time; write it as " + _TIMES) from None


def _next(now: dt.datetime, time: dt.time) -> dt.datetime:
    """Return the next time that the clock shows this."""
    today = dt.datetime.combine(now.date(), time)
    then = today.astimezone()
    return then if then > now else (today + dt.timedelta(days=1)).astimezone()


def _show_one_line(args: argparse.Namespace, body: bytes) -> None:
    show(args, body, lambda reminder: _print_table([reminder]))


def _print_table(reminders: Any) -> None:
    rows = [
        (
            each["id"],
            _local(each["remind_at"]),
            each["status"],
            each["repeat"] or "",
            each.get("error") or each["title"],
        )
        for each in reminders
    ]
    print_table(("id", "when", "status", "repeat", "what"), rows)


def _local(time: str) -> str:
    return f"{dt.datetime.fromisoformat(time).astimezone():%Y-%m-%d %H:%M}"
