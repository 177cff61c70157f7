"""`pisovereign-cli models test`."""

from __future__ import annotations

import argparse
import asyncio
from typing import Any
from urllib.parse import quote

import msgspec

from pisovereign.cli.api import add_connection_options, open_session, request_in, run_async
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
    testing.set_defaults(run=lambda args: run_async(run_test(args)))


async def run_test(args: argparse.Namespace) -> int:
    """Have the model tested, and print what came of it; without an end, Ctrl-C stops waiting."""
    async with open_session(args) as session:
        listed = decode(await request_in(session, "GET", MODELS))["models"]
        model = next((one["id"] for one in listed if one["default"]), None)
        if model is None:
            raise StartError("the server names no model in use")
        path = f"{MODELS}/{quote(model, safe='')}"
        answer = await request_in(session, "POST", f"{path}/test")
        while args.wait:
            answer = await request_in(session, "GET", f"{path}/abilities")
            if decode(answer)["tested"]:
                break
            await asyncio.sleep(_LOOK_S)
    if args.json:
        print(answer.decode())
    elif args.wait:
        result = msgspec.json.decode(answer, type=Capabilities)
        print(f"{printable(model)}: {summary(result)}")
    else:
        print(f"{printable(model)} is being tested")
    return 0
