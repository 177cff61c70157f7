"""`pisovereign-cli reminders`: what will be told, and when."""

from __future__ import annotations

import datetime as dt
from typing import get_args

from pisovereign.cli.actions import Commands, all_or, argument, limit, one_of, words
from pisovereign.cli.output import table
from pisovereign.errors import StartError
from pisovereign.reminders.repeat import Repeat

_TIMES = "18:30, 2030-12-24 18:30 or 2030-12-24T18:30+01:00"
_NO_TIME = f"that is no time; write it as {_TIMES}"


def _at(text: str) -> str:
    """Return a time; one without an offset is on this machine's clock.

    Raises:
        StartError: It is none.
    """
    try:
        if len(text) <= len("18:30"):
            return _next(dt.time.fromisoformat(text)).isoformat()
        return dt.datetime.fromisoformat(text).astimezone().isoformat()
    except (ValueError, OverflowError):
        raise StartError(_NO_TIME) from None


def _next(time: dt.time) -> dt.datetime:
    """Return the next time that the clock shows this."""
    now = dt.datetime.now().astimezone()
    today = dt.datetime.combine(now.date(), time)
    then = today.astimezone()
    return then if then > now else (today + dt.timedelta(days=1)).astimezone()


# argparse prints the name of the type for what is no number, so that is a word.
def minutes(text: str) -> str:
    """Return the time so many minutes from now.

    Raises:
        StartError: It is too far away to be one.
    """
    count = int(text)
    try:
        return (dt.datetime.now().astimezone() + dt.timedelta(minutes=count)).isoformat()
    except OverflowError:
        raise StartError(_NO_TIME) from None


def _local(time: str) -> str:
    return f"{dt.datetime.fromisoformat(time).astimezone():%Y-%m-%d %H:%M}"


COMMANDS = Commands()

_reminders = COMMANDS.group("reminders", "set, move and finish reminders")
_WHEN = one_of(
    argument("--at", f"such as {_TIMES}", dest="remind_at", type=_at, metavar="TIME"),
    argument("--in", "from now on", dest="remind_at", type=minutes, metavar="MINUTES"),
    required=True,
)
_print_table = table(
    id="id",
    when=lambda each: _local(each["remind_at"]),
    status="status",
    repeat="repeat",
    what=lambda each: each.get("error") or each["title"],
)


def _print_line(reminder: object) -> None:
    _print_table([reminder])


_reminders.asks(
    "list",
    "show what is to come or due, the earliest first",
    "GET /v1/reminders",
    all_or("open", "also those that are done"),
    limit(100),
    tell=_print_table,
)
_reminders.asks("show", "show one whole", "GET /v1/reminders/{id}")
_reminders.asks(
    "add",
    "set one",
    "POST /v1/reminders",
    words("title", "what it is about"),
    _WHEN,
    argument("--repeat", "how often it comes again", choices=get_args(Repeat)),
    tell=_print_line,
)
_reminders.asks(
    "move", "give one another time", "PATCH /v1/reminders/{id}", _WHEN, tell=_print_line
)
_reminders.asks(
    "snooze",
    "be told later",
    "POST /v1/reminders/{id}/snooze",
    argument("--minutes", "how much later (default: as configured)", type=int),
    tell=_print_line,
)
_reminders.asks(
    "done", "be done with one", "POST /v1/reminders/{id}/done", tell=lambda _: print("done")
)
_reminders.asks("delete", "delete one", "DELETE /v1/reminders/{id}")
