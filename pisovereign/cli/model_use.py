"""`pisovereign-cli models use ID`."""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

import msgspec

from pisovereign.cli.api import add_connection_options, open_session, request_in
from pisovereign.cli.output import add_json_option, not_our_server, printable
from pisovereign.engine_client.switching import EngineState, Stage
from pisovereign.errors import StartError

ACTIVE = "/v1/system/models/active"
_LOOK_S = 0.5
_SAID: dict[Stage, str] = {
    "loading": "{model} is loaded and tried; until then {before} answers",
    "waiting": "there is no memory for two models: answers that are being written come first",
}


def add_use(actions: Any) -> None:
    """Add the action."""
    using = actions.add_parser("use", help="switch the running server to another model")
    using.add_argument("id", metavar="ID", help="a model that is there, as `models list` shows it")
    using.add_argument(
        "--no-wait", dest="wait", action="store_false", help="do not wait for the result"
    )
    add_json_option(using)
    add_connection_options(using)
    using.set_defaults(run=run_use)


def run_use(args: argparse.Namespace) -> int:
    """Have the model exchanged, and print what came of it; Ctrl-C only stops waiting."""
    session = open_session(args)
    before = _state(request_in(session, "GET", ACTIVE)).model
    body = request_in(session, "POST", ACTIVE, json={"model": args.id})
    told: Stage | None = None
    while args.wait and (switch := _state(body).switch) and switch.stage in _SAID:
        if switch.stage != told and not args.json:
            told = switch.stage
            print(printable(_SAID[told].format(model=args.id, before=before)), file=sys.stderr)
        time.sleep(_LOOK_S)
        body = request_in(session, "GET", ACTIVE)
    state = _state(body)
    if args.json:
        sys.stdout.write(body.decode() + "\n")
    if args.wait and state.switch is not None and state.switch.stage == "failed":
        raise StartError(f"{args.id} cannot be used: {state.switch.error}; {state.model} serves on")
    if not args.json:
        print(printable(f"the model in use: {state.model}"))
    return 0


def _state(body: bytes) -> EngineState:
    try:
        return msgspec.json.decode(body, type=EngineState)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise not_our_server() from None
