"""`pisovereign-cli models use ID` and `models test`: what concerns the model in use."""

from __future__ import annotations

import argparse
import sys
import time
from urllib.parse import quote

import msgspec

from pisovereign.cli.actions import NO_WAIT, Commands, argument
from pisovereign.cli.api import open_session, request
from pisovereign.cli.output import decode, not_our_server, printable
from pisovereign.engine_client.switching import EngineState, Stage
from pisovereign.errors import StartError
from pisovereign.model_tests.types import Capabilities, summary

MODELS = "/v1/system/models"
ACTIVE = f"{MODELS}/active"
_LOOK_S, _TEST_LOOK_S = 0.5, 1.0
_SAID: dict[Stage, str] = {
    "loading": "{model} is loaded and tried; until then {before} answers",
    "waiting": "there is no memory for two models: answers that are being written come first",
}

ACTIONS = Commands()


@ACTIONS.runs(
    "use",
    "switch the running server to another model",
    argument("id", "a model that is there, as `models list` shows it", metavar="ID"),
    NO_WAIT,
)
def _use(args: argparse.Namespace) -> int:
    """Have the model exchanged, and print what came of it; Ctrl-C only stops waiting."""
    session = open_session(args)
    before = _state(request(session, "GET", ACTIVE)).model
    body = request(session, "POST", ACTIVE, json={"model": args.id})
    told: Stage | None = None
    while args.wait and (switch := _state(body).switch) and switch.stage in _SAID:
        if switch.stage != told and not args.json:
            told = switch.stage
            print(printable(_SAID[told].format(model=args.id, before=before)), file=sys.stderr)
        time.sleep(_LOOK_S)
        body = request(session, "GET", ACTIVE)
    state = _state(body)
    if args.json:
        sys.stdout.write(body.decode() + "\n")
    if args.wait and state.switch is not None and state.switch.stage == "failed":
        raise StartError(f"{args.id} cannot be used: {state.switch.error}; {state.model} serves on")
    if not args.json:
        print(printable(f"the model in use: {state.model}"))
    return 0


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
        time.sleep(_TEST_LOOK_S)
    if args.json:
        print(answer.decode())
    elif args.wait:
        result = msgspec.json.decode(answer, type=Capabilities)
        print(f"{printable(model)}: {summary(result)}")
    else:
        print(f"{printable(model)} is being tested")
    return 0


def _state(body: bytes) -> EngineState:
    try:
        return msgspec.json.decode(body, type=EngineState)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise not_our_server() from None
