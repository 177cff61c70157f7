"""`pisovereign-cli models test`."""

from __future__ import annotations

import argparse
import time
from urllib.parse import quote

import msgspec

from pisovereign.cli.actions import NO_WAIT, Commands
from pisovereign.cli.api import open_session, request
from pisovereign.cli.output import decode, printable
from pisovereign.errors import StartError
from pisovereign.model_tests.types import Capabilities, summary

MODELS = "/v1/system/models"
_LOOK_S = 1.0

ACTIONS = Commands()


@ACTIONS.runs("test", "test again what the model in use may do", NO_WAIT)
def _test(args: argparse.Namespace) -> int:
    """Have the model tested, and print what came of it; without an end, Ctrl-C stops waiting."""
    session = open_session(args)
    listed = decode(request(session, "GET", MODELS))["models"]
    model = next((one["id"] for one in listed if one["default"]), None)
    if model is None:
        raise StartError("the server names no model in use")
    path = f"{MODELS}/{quote(model, safe='')}"
    answer = request(session, "POST", f"{path}/test")
    while args.wait:
        answer = request(session, "GET", f"{path}/abilities")
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
