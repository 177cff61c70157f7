"""The time to the first token of a chat whose model is offered tools, beside one without.

    python -m bench.tool_prompt --rounds 40
    python -m bench.tool_prompt --rounds 20 --model qwen2.5-coder-1.5b-instruct

The engine alone, with the prompts of chat: the twelve tools are those of `tool_use`. Each round has
a conversation of two turns with tools and one without, in an order that turns from round to round.
Every round is another user's, so that a first turn shows what was computed for others.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

import aiohttp
import msgspec

from bench.engine_program import engine_program
from bench.environment import Environment, describe
from bench.first_token import Answer, Target, ask_engine
from bench.report import add_output, percentile, publish, table
from bench.small_models import SMALL_MODELS, fetch_weights
from pisovereign.actions.service import ActionService
from pisovereign.approvals.types import Approval
from pisovereign.chat import prompt
from pisovereign.chat.types import Turn
from pisovereign.config import Config
from pisovereign.config.loading import models_dir
from pisovereign.engine.compute_settings import default_choice
from pisovereign.engine_client.types import ChatRequest, StreamOptions, Tool, encode
from pisovereign.tool_use.actions import ActionTools
from pisovereign.tool_use.toolbox import Toolbox

WARMUP_ROUNDS = 1
_LIMIT_S = 600.0  # of an answer: the first has to read all tools
KINDS = ("with tools", "without")
SYSTEM = Config().chat.system_prompt
ANSWER = "A fjord is a long and narrow inlet of the sea between steep cliffs, made by a glacier."


class Conversation(msgspec.Struct, frozen=True):
    """The two turns of one conversation."""

    kind: str
    first: Answer
    second: Answer


class Row(msgspec.Struct, frozen=True):
    """One turn, with tools or without; times in milliseconds, tokens are medians."""

    turn: str
    kind: str
    p50_ms: float
    p90_ms: float
    prompt_tokens: int
    cached_tokens: int


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was measured; a ratio is the median of those of each round's pair."""

    environment: Environment
    model: str
    pairs: int
    rows: list[Row]
    second_turn_ratio: float
    first_turn_ratio: float


class _NoApprovals:
    async def request(self, *asked: object) -> Approval:
        """Ask for nothing: tools are only described here."""
        raise AssertionError("no tool is called")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="bench.tool_prompt", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--rounds", type=int, default=40, help="of two conversations each")
    parser.add_argument("--model", default=Config().inference.model, help="its id")
    add_output(parser)
    args = parser.parse_args(argv)
    environment = describe()
    weights = models_dir() / args.model / "model.gguf"
    if args.model in SMALL_MODELS:
        weights = fetch_weights(SMALL_MODELS[args.model])
    digest = hashlib.sha256(SYSTEM.encode()).hexdigest()
    options = ["--template=auto", "--fallback-template=chatml", f"--public-prompt={digest}"]
    with engine_program(weights, default_choice(), options) as engine:
        found = asyncio.run(_measure(engine.socket, args.rounds))
    result = summarize(environment, args.model, found)
    publish(result, tables(result), args.output)
    return 0


def _tools() -> list[Tool]:
    zone = ZoneInfo("UTC")
    return Toolbox(
        [ActionTools(ActionService((), _NoApprovals(), lambda _: zone), lambda _: zone)]
    ).wire()


async def _measure(socket: Path, rounds: int) -> list[list[Conversation]]:
    found = []
    async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(socket))) as session:
        target = Target(
            session=session,
            url="http://engine/v1/chat/completions",
            headers={"Content-Type": "application/json"},
        )
        for number in range(-WARMUP_ROUNDS, rounds):
            kinds = KINDS if number % 2 else KINDS[::-1]
            pair = [await _conversation(target, kind, number) for kind in kinds]
            if number >= 0:
                found.append(pair)
    return found


async def _conversation(target: Target, kind: str, number: int) -> Conversation:
    tools = _tools() if kind == KINDS[0] else None
    asked = prompt.with_context(
        "Explain to me in one sentence what a fjord is, please.", f"It is round {number}."
    )
    history = [
        Turn(seq=1, role="user", sent=asked),
        Turn(seq=2, role="assistant", sent=ANSWER),
    ]
    then = prompt.with_context("And what, in one sentence, is a lagoon?", f"It is still {number}.")
    return Conversation(
        kind,
        await ask_engine(target, _body([], asked, tools, number), _LIMIT_S),
        await ask_engine(target, _body(history, then, tools, number), _LIMIT_S),
    )


def _body(history: Sequence[Turn], newest: str, tools: list[Tool] | None, user: int) -> bytes:
    return encode(
        ChatRequest(
            messages=prompt.build(SYSTEM, history, newest, calls=tools is not None),
            stream=True,
            stream_options=StreamOptions(include_usage=True),
            temperature=0.0,
            max_tokens=1,
            tools=tools,
            tool_choice=None if tools is None else "auto",
            public_tools=tools is not None,
            prompt_cache_key=str(user),
        )
    )


def summarize(
    environment: Environment, model: str, found: Sequence[Sequence[Conversation]]
) -> Result:
    """Compare inside each round."""
    rows = [
        _row(turn, kind, [getattr(one, turn) for pair in found for one in pair if one.kind == kind])
        for turn in ("first", "second")
        for kind in KINDS
    ]
    return Result(
        environment=environment,
        model=model,
        pairs=len(found),
        rows=rows,
        second_turn_ratio=_ratio("second", found),
        first_turn_ratio=_ratio("first", found),
    )


def _row(turn: str, kind: str, answers: Sequence[Answer]) -> Row:
    times = [1000 * answer.seconds for answer in answers]
    return Row(
        turn,
        kind,
        median(times),
        percentile(times, 0.9),
        round(median(answer.prompt_tokens for answer in answers)),
        round(median(answer.cached_tokens for answer in answers)),
    )


def _ratio(turn: str, found: Sequence[Sequence[Conversation]]) -> float:
    ratios: list[float] = []
    for pair in found:
        seconds: dict[str, float] = {one.kind: getattr(one, turn).seconds for one in pair}
        ratios.append(seconds["with tools"] / seconds["without"])
    return median(ratios)


def tables(result: Result) -> str:
    """Return the table for people."""
    head = ("turn", "tools", "p50 ms", "p90 ms", "prompt", "cached")
    rows = [
        (row.turn, row.kind, row.p50_ms, row.p90_ms, row.prompt_tokens, row.cached_tokens)
        for row in result.rows
    ]
    return "\n".join(
        (
            table(head, rows),
            "",
            f"with tools against without, median of {result.pairs} pairs: first turn "
            f"{result.first_turn_ratio:.2f}, second turn {result.second_turn_ratio:.2f}",
        )
    )


if __name__ == "__main__":
    sys.exit(main())
