"""`pisovereign-cli models test`."""

from __future__ import annotations

import argparse
import time
from typing import Any
from urllib.parse import quote

import msgspec

from pisovereign.cli.api import add_connection_options, open_session, request_in
from pisovereign.cli.output import add_json_option, decode, printable
from pisovereign.errors import StartError
from pisovereign.model_tests.types import Capabilities, summary

MODELS = "/v1/system/models"
_LOOK_S = 1.0


def add_test(actions: Any) -> None:
    """Add the action."""
    testing = actions.add_parser("test", help="test again what the model in use may do")
    testing.add_argument(
        "--no-wait", dest="wait", action="store_false", help="do not wait for the result"
    )
    add_json_option(testing)
    add_connection_options(testing)
    testing.set_defaults(run=run_test)


def run_test(args: argparse.Namespace) -> int:
    """Have the model tested, and print what came of it; without an end, Ctrl-C stops waiting."""
    session = open_session(args)
    listed = decode(request_in(session, "GET", MODELS))["models"]
    model = next((one["id"] for one in listed if one["default"]), None)
    if model is None:
        raise StartError("the server names no model in use")
    path = f"{MODELS}/{quote(model, safe='')}"
    answer = request_in(session, "POST", f"{path}/test")
    while args.wait:
        answer = request_in(session, "GET", f"{path}/abilities")
        if decode(answer)["tested"]:
            break
        time.sleep(_LOOK_S)
    if args.json:
        print(answer.decode())
    elif args.wait:
        result = msgspec.json.decode(answer, type=Capabilities)
        print(f"{printable(model)}: {summary(result)}")
    else:
        print(f"{printable(model)} is being tested")
    return 0
