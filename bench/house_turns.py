"""The time to the first token of a house's second turn, beside a chat without its tools.

    python -m bench.house_turns --rounds 20
    python -m bench.house_turns --rounds 6 --model qwen2.5-coder-1.5b-instruct

The real program, over `/api/chat`, with what a home's controller sends (`house_prompt`): 25 tools
and 40 devices. Each round has a conversation of two turns with all that, one with the devices and
no tools, and one with neither, in an order that turns from round to round. Only second turns count.
Another person chats before each of them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
import requests

from bench.environment import Environment, describe
from bench.house_prompt import SYSTEM, TOOLS
from bench.report import add_output, percentile, publish, table
from bench.small_models import folder_with
from pisovereign.config import Config
from tests.support.server import ALICE_KEY, BOB_KEY, Server

_LIMIT_S = 900.0  # of an answer: the first has to read everything
_SHORT = "You are a helpful assistant of a household. Answer briefly."
KINDS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "devices and tools": (SYSTEM, TOOLS),
    "devices": (SYSTEM, []),
    "neither": (_SHORT, []),
}


class Turn(msgspec.Struct, frozen=True):
    """A second turn: seconds until its first line, and what of its prompt was computed before."""

    kind: str
    seconds: float
    prompt_tokens: int
    cached_tokens: int


class Row(msgspec.Struct, frozen=True):
    """All second turns of a kind, in milliseconds; ratios are medians of each round's pair.

    `to_devices` compares with a conversation that has the devices and no tools, `to_neither` with
    one that has neither.
    """

    kind: str
    p50_ms: float
    p90_ms: float
    prompt_tokens: float
    reused: float
    to_devices: float
    to_neither: float


class Result(msgspec.Struct, frozen=True):
    """Everything that was measured."""

    environment: Environment
    model: str
    rounds: int
    rows: list[Row]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="bench.house_turns", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--rounds", type=int, default=20, help="of three conversations each")
    parser.add_argument("--model", default=Config().inference.model, help="its id")
    add_output(parser)
    args = parser.parse_args(argv)
    environment = describe()
    with _program(args.model) as server:
        found = [_round(server, args.model, number) for number in range(-1, args.rounds)][1:]
    result = summarize(environment, args.model, found)
    publish(result, tables(result), args.output)
    return 0


@contextmanager
def _program(model: str) -> Iterator[Server]:
    """Run the program with a model, and room for the prompt."""
    with tempfile.TemporaryDirectory(prefix="pisov-bench-") as folder, folder_with(model) as models:
        server = Server(
            Path(folder) / "data",
            models,
            PISOVEREIGN_INFERENCE__MODEL=model,
            PISOVEREIGN_INFERENCE__TIMEOUT_S=str(_LIMIT_S),
            PISOVEREIGN_ENGINE__CONTEXT_LENGTH="8192",
            PISOVEREIGN_CACHE__ANSWERS_S="0",
        )
        try:
            yield server.start()
        finally:
            server.remove()


def _round(server: Server, model: str, number: int) -> list[Turn]:
    kinds = list(KINDS) if number % 2 else list(KINDS)[::-1]
    return [_conversation(server, model, kind, number) for kind in kinds]


def _conversation(server: Server, model: str, kind: str, number: int) -> Turn:
    system, tools = KINDS[kind]
    first = [
        {"role": "system", "content": system},
        {"role": "user", "content": f"It is round {number}. What can you do for me here?"},
    ]
    then = [
        *first,
        {"role": "assistant", "content": "I can tell you about the house, and switch things."},
        {"role": "user", "content": f"What is {number} plus two, and is that an even number?"},
    ]
    _ask(server, ALICE_KEY, model, first, tools)
    _ask(server, BOB_KEY, model, [{"role": "user", "content": f"Good morning, {number}!"}], [])
    before = server.engine_health()
    seconds = _ask(server, ALICE_KEY, model, then, tools)
    after = server.engine_health()
    prompt, cached = (after[n] - before[n] for n in ("prompt_tokens", "cached_tokens"))
    return Turn(kind, seconds, prompt, cached)


def _ask(server: Server, key: str, model: str, messages: Any, tools: Any) -> float:
    """Return the seconds until the first line of an answer, which is one token long."""
    body = msgspec.json.encode(
        {
            "model": model,
            "messages": messages,
            "tools": tools,
            "keep_alive": "-1s",
            "options": {"num_ctx": 8192, "num_predict": 1, "temperature": 0},
        }
    )
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    started = time.perf_counter()
    with requests.post(
        f"{server.url}/api/chat", data=body, headers=headers, stream=True, timeout=_LIMIT_S
    ) as response:
        response.raise_for_status()
        next(response.iter_lines(chunk_size=1))
        arrived = time.perf_counter()
        for _ in response.iter_content(chunk_size=1 << 16):
            pass
    return arrived - started


def summarize(environment: Environment, model: str, found: Sequence[Sequence[Turn]]) -> Result:
    """Compare inside each round."""
    rounds = [{turn.kind: turn for turn in each} for each in found]
    return Result(environment, model, len(found), [_row(kind, rounds) for kind in KINDS])


def _row(kind: str, rounds: Sequence[dict[str, Turn]]) -> Row:
    turns = [each[kind] for each in rounds]
    times = [1000 * turn.seconds for turn in turns]
    return Row(
        kind,
        median(times),
        percentile(times, 0.9),
        median(turn.prompt_tokens for turn in turns),
        median(turn.cached_tokens / turn.prompt_tokens for turn in turns),
        _ratio(kind, "devices", rounds),
        _ratio(kind, "neither", rounds),
    )


def _ratio(kind: str, other: str, rounds: Sequence[dict[str, Turn]]) -> float:
    return median(each[kind].seconds / each[other].seconds for each in rounds)


def tables(result: Result) -> str:
    """Return the table for people."""
    head = ("second turn with", "p50 ms", "p90 ms", "prompt", "reused", "to devices", "to neither")
    rows = [
        (
            row.kind,
            row.p50_ms,
            row.p90_ms,
            row.prompt_tokens,
            row.reused,
            row.to_devices,
            row.to_neither,
        )
        for row in result.rows
    ]
    return table(head, rows)


if __name__ == "__main__":
    sys.exit(main())
