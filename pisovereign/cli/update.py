"""`pisovereign-cli update`: what runs, which updates there are, and installing them."""

from __future__ import annotations

import argparse
import time
from typing import Any

from pisovereign.cli.actions import Commands, argument, flag
from pisovereign.cli.api import open_session, request
from pisovereign.cli.output import decode, printable, show
from pisovereign.errors import StartError

_LOOK_S = 1.0
_PATH = "/v1/system/updates"


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


COMMANDS = Commands()

_update = COMMANDS.group("update", "update the system of a flashed card")
_update.asks(
    "status",
    "show what runs, which updates there are, and the last one",
    f"GET {_PATH}",
    tell=_print,
)
_update.asks(
    "check",
    "ask whether there is an update",
    f"POST {_PATH}/check",
    tell=_print,
    code=lambda answer: 1 if answer["check_failed"] else 0,
)


@_update.runs(
    "install",
    "fetch an update and install it beside the system that runs",
    argument("file", "its name (default: the newest)", nargs="?"),
    flag("--try", "start it afterwards", dest="then_try"),
)
def _install(args: argparse.Namespace) -> int:
    session = open_session(args)
    offered = decode(request(session, "GET", _PATH))["offered"]
    chosen = next((it for it in offered if args.file in {None, it["file"]}), None)
    if chosen is None:
        raise StartError("there is no such update; see `pisovereign-cli update status`")
    wish = {"source": chosen["source"], "file": chosen["file"], "then_try": args.then_try}
    request(session, "POST", f"{_PATH}/install", json=wish)
    while True:
        time.sleep(_LOOK_S)
        body = request(session, "GET", _PATH)
        work = decode(body)["work"]
        if work["status"] not in {"fetching", "installing"}:
            break
    show(args, body, _print)
    return 0 if work["status"] == "done" else 1


_update.asks(
    "automatic",
    "choose which are installed automatically, and when",
    f"PUT {_PATH}/automatic",
    argument("automatic", "which of them", choices=("off", "security", "all")),
    argument("--at", "time of the day (default: 03:30)", default="03:30"),
    tell=_print,
)
_update.asks(
    "try",
    "start once with what was installed; it is kept if it works",
    f"POST {_PATH}/try",
    tell=_print,
)
