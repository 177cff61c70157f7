"""The time to the first token that the API adds to the bare engine.

    python -m bench.ttft --rounds 200          # the real engine and the default model
    python -m bench.ttft --rounds 500 --stub   # an engine that answers at once: the API alone

Each round asks three times, in an order that turns from round to round: the engine over its own
socket, the API, and the engine again. The second engine request is the control: what it "adds" to
the first is the noise of engine and machine, below which nothing can be told.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import string
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID

import aiohttp
import msgspec

from bench.asgi_server import serve
from bench.environment import describe
from bench.first_token import Answer, Target, ask_api, ask_engine
from bench.openloop import precise_loop
from bench.program import running
from bench.report import add_output, publish
from bench.ttft_result import Round, summarize, tables
from pisovereign.chat import prompt
from pisovereign.config import Config
from pisovereign.engine_client.types import ChatRequest, StreamOptions, prompt_cache_key
from pisovereign.runtime import engine_target
from tests.support.server import ALICE, ALICE_KEY, Server

MOST_ROUNDS = 5000
WARMUP_ROUNDS = 5
MAX_TOKENS = 4
JSON_TYPE = {"Content-Type": "application/json"}
ORDERS = (("engine", "api", "control"), ("control", "engine", "api"), ("api", "control", "engine"))


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; exit code 1 when too few rounds had equal work to be compared."""
    parser = argparse.ArgumentParser(prog="bench.ttft", description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=200, help="of three requests each")
    parser.add_argument("--stub", action="store_true", help="an engine that answers at once")
    add_output(parser)
    args = parser.parse_args(argv)
    if not 2 <= args.rounds <= MOST_ROUNDS:
        parser.error(f"--rounds must be 2 to {MOST_ROUNDS}")
    environment = describe()
    with _program(args.stub) as (server, target), asyncio.Runner(loop_factory=precise_loop) as loop:
        rounds = loop.run(_measure(server, target, args.rounds))
    result = summarize(environment, "stub" if args.stub else Config().inference.model, rounds)
    publish(result, tables(result), args.output)
    return 0 if result.compared >= args.rounds / 2 else 1


@contextlib.contextmanager
def _program(stub: bool) -> Iterator[tuple[Server, str]]:
    """Start everything; yields the program and its engine's address."""
    # The clock would change the prompt every minute, and so the engine's work.
    settings = {"PISOVEREIGN_CHAT__CLOCK": "false"}
    with contextlib.ExitStack() as stack:
        if not stub:
            server = stack.enter_context(running(**settings))
            yield server, engine_target(Config(), server.data_dir)
            return
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="pisovereign-bench-"))
        log = Path(folder) / "stub.log"
        url = stack.enter_context(serve("bench.stub_engine:app", log, access_log=False)) + "/v1"
        server = stack.enter_context(running(**settings, PISOVEREIGN_INFERENCE__BASE_URL=url))
        yield server, url


async def _measure(server: Server, target: str, count: int) -> list[Round]:
    # As in the API's own client: one connection that stays open.
    unix = None if target.startswith("http") else aiohttp.UnixConnector(target)
    base = "http://engine/v1" if unix else target
    async with (
        aiohttp.ClientSession(connector=unix) as engine_session,
        aiohttp.ClientSession() as api_session,
    ):
        engine = Target(session=engine_session, url=f"{base}/chat/completions", headers=JSON_TYPE)
        headers = JSON_TYPE | {"Authorization": f"Bearer {ALICE_KEY}"}
        api = Target(session=api_session, url=f"{server.url}/v1/chat/stream", headers=headers)
        for number in range(-WARMUP_ROUNDS, 0):
            await _round(engine, api, number)
        gc.freeze()
        gc.disable()
        try:
            return [await _round(engine, api, number) for number in range(count)]
        finally:
            gc.enable()


async def _round(engine: Target, api: Target, number: int) -> Round:
    answers: dict[str, Answer] = {}
    for position, name in enumerate(ORDERS[number % len(ORDERS)]):
        text = question(3 * (number + WARMUP_ROUNDS) + position)
        ask, target, body = (
            (ask_api, api, api_body(text)) if name == "api" else (ask_engine, engine, _body(text))
        )
        answers[name] = await ask(target, body)
    return Round(**answers)


def question(number: int) -> str:
    """Return a message of constant length that shares no beginning with the one before it.

    So each request finds the system prompt computed and everything after it not. It asks about the
    world, so that the model answers it: an order or a question to a connector costs no token.
    """
    letters = string.ascii_uppercase
    return f"{letters[number % len(letters)]}{number:05d}: how do birds build their nests?"


def api_body(text: str) -> bytes:
    """Return a new conversation with one message."""
    return msgspec.json.encode({"message": text, "temperature": 0.0, "max_tokens": MAX_TOKENS})


def _body(text: str) -> bytes:
    """Exactly what the API sends to the engine for the same message."""
    config = Config()
    request = ChatRequest(
        model=config.inference.model,
        messages=prompt.build(config.chat.system_prompt, [], text),
        stream=True,
        stream_options=StreamOptions(include_usage=True),
        temperature=0.0,
        top_p=config.inference.top_p,
        max_tokens=MAX_TOKENS,
        prompt_cache_key=prompt_cache_key(UUID(ALICE)),
    )
    return msgspec.json.encode(request)


if __name__ == "__main__":
    sys.exit(main())
