"""`pisovereign-cli update`: what runs, which updates there are, and installing them."""

from __future__ import annotations

import argparse
import time
from typing import Any

from pisovereign.cli.api import add_connection_options, open_session, request, request_in
from pisovereign.cli.output import add_json_option, decode, printable, show
from pisovereign.errors import StartError

_LOOK_S = 1.0
_PATH = "/v1/system/updates"


def add_parser(commands: Any) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("update", help="update the system of a flashed card")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, text, run in (
        ("status", "show what runs, which updates there are, and the last one", show_status),
        ("check", "ask whether there is an update", check),
        ("install", "fetch an update and install it beside the system that runs", install),
        ("automatic", "choose which are installed automatically, and when", choose),
        ("try", "start once with what was installed; it is kept if it works", try_it),
    ):
        action = actions.add_parser(name, help=text)
        if name == "install":
            action.add_argument("file", nargs="?", help="its name (default: the newest)")
            action.add_argument(
                "--try", dest="then_try", action="store_true", help="start it afterwards"
            )
        if name == "automatic":
            action.add_argument("which", choices=("off", "security", "all"), help="which of them")
            action.add_argument("--at", default="03:30", help="time of the day (default: 03:30)")
        add_json_option(action)
        add_connection_options(action)
        action.set_defaults(run=run)


def show_status(args: argparse.Namespace) -> int:
    """Print what runs and what there is."""
    show(args, request(args, "GET", _PATH), _print)
    return 0


def check(args: argparse.Namespace) -> int:
    """Ask the address of updates, and print the same."""
    body = request(args, "POST", f"{_PATH}/check")
    show(args, body, _print)
    return 1 if decode(body)["check_failed"] else 0


def install(args: argparse.Namespace) -> int:
    """Install an update, and wait until it is written."""
    session = open_session(args)
    offered = decode(request_in(session, "GET", _PATH))["offered"]
    chosen = next((it for it in offered if args.file in {None, it["file"]}), None)
    if chosen is None:
        raise StartError("there is no such update; see `pisovereign-cli update status`")
    wish = {"source": chosen["source"], "file": chosen["file"], "then_try": args.then_try}
    request_in(session, "POST", f"{_PATH}/install", json=wish)
    while True:
        time.sleep(_LOOK_S)
        body = request_in(session, "GET", _PATH)
        work = decode(body)["work"]
        if work["status"] not in {"fetching", "installing"}:
            break
    show(args, body, _print)
    return 0 if work["status"] == "done" else 1


def choose(args: argparse.Namespace) -> int:
    """Choose which are installed by themselves."""
    choice = {"automatic": args.which, "at": args.at}
    show(args, request(args, "PUT", f"{_PATH}/automatic", json=choice), _print)
    return 0


def try_it(args: argparse.Namespace) -> int:
    """Start the device with what was installed."""
    show(args, request(args, "POST", f"{_PATH}/try"), _print)
    return 0


def _print(answer: Any) -> None:
    running = answer["running"]
    if not answer["possible"] or running is None:
        print("this is not the system of a flashed card: it is not updated like this")
        return
    print(f"runs: {running['version']} of {running['built_at'][:10]}, system {running['system']}")
    for it in answer["offered"]:
        kind = "security" if it["urgency"] == "security" else "usual"
        size = f"{it['size'] / 1e6:.0f} MB"
        print(printable(f"offered: {it['version']} ({kind}, {size}, {it['source']}): {it['file']}"))
        for line in it["notes"].splitlines():
            print(printable(f"  {line}"))
    if not answer["offered"]:
        print("offered: nothing newer")
    if answer["check_failed"]:
        print(printable(f"the address could not be asked: {answer['check_failed']}"))
    for name, state in (("work", answer["work"]), ("last", answer["last"])):
        if state is not None:
            what = state.get("version") or state.get("file")
            error = f": {state['error']}" if state.get("error") else ""
            print(printable(f"{name}: {what}, {state.get('stage') or state['status']}{error}"))
    print(f"installed automatically: {answer['automatic']}, at {answer['at']}")
