"""BFCL through our OpenAI dialect, against the same model driven by llama-server with `--jinja`.

    python -m bench.bfcl --model qwen2.5-coder-0.5b-instruct --most 60
    python -m bench.bfcl --only llama-server

Each question is asked of both, one after the other, at temperature 0. The first questions of each
category are taken, so that a run ends on a busy machine. Each call is checked against the schema of
its tool, beside what BFCL makes of it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import requests

from bench.bfcl_data import CATEGORIES, Bfcl, Call, Category, Question
from bench.environment import Environment, describe
from bench.llama_server import llama_server
from bench.small_models import SMALL_MODELS, SmallModel, fetch_weights, with_models
from tests.support.server import ALICE_KEY, Server

OURS, THEIRS = "PiSovereign", "llama-server"
LIMIT_S = 300.0
_MOST_TOKENS = 256
_CONTEXT = 4096


class Target(msgspec.Struct, frozen=True):
    """Who is asked: the address of its `/v1`, and a key."""

    name: str
    url: str
    key: str = ""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one question.

    Attributes:
        right: BFCL counts it as right.
        calls: How many calls there were, of which `invalid` break the schema of their tool.
        refused: The server's answer is an error.
    """

    target: str
    question: str
    category: Category
    right: bool
    calls: int
    invalid: int
    refused: bool
    seconds: float
    said: str


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """All outcomes, and what they were made on."""

    environment: Environment
    model: str
    most: int
    outcomes: list[Outcome]


def ask(bfcl: Bfcl, target: Target, model: str, question: Question) -> Outcome:
    """Ask one question."""
    body = {
        "model": model,
        "messages": question.messages,
        "tools": question.tools,
        "temperature": 0,
        "max_tokens": _MOST_TOKENS,
    }
    headers = {"Authorization": f"Bearer {target.key}"} if target.key else {}
    started = time.perf_counter()
    answer = None
    with contextlib.suppress(requests.Timeout):  # a server that hangs has not answered rightly
        answer = requests.post(
            f"{target.url}/chat/completions", json=body, headers=headers, timeout=LIMIT_S
        )
    seconds = time.perf_counter() - started
    calls: list[Call] = []
    said = "no answer in time" if answer is None else answer.text
    answered = answer is not None and answer.status_code == 200
    if answer is not None and answered:
        message = answer.json()["choices"][0]["message"]
        said = message.get("content") or ""
        calls = [
            Call(call["function"]["name"], call["function"]["arguments"])
            for call in message.get("tool_calls") or []
        ]
    return Outcome(
        target=target.name,
        question=question.id,
        category=question.category,
        right=answered and bfcl.is_right(question, calls),
        calls=len(calls),
        invalid=sum(not _is_valid(question, call) for call in calls),
        refused=not answered,
        seconds=round(seconds, 2),
        said="; ".join(f"{call.name}({call.arguments})" for call in calls) or said[:300],
    )


def _is_valid(question: Question, call: Call) -> bool:
    """Return whether a call is one of a tool that was offered, with arguments of its schema."""
    schema = question.schema(call.name)
    if schema is None:
        return False
    try:
        jsonschema.validate(json.loads(call.arguments), schema)
    except (ValueError, jsonschema.ValidationError):
        return False
    return True


@contextlib.contextmanager
def _ours(model: SmallModel) -> Iterator[Target]:
    with with_models(model) as models, tempfile.TemporaryDirectory(prefix="pisov-bfcl-") as data:
        server = Server(
            Path(data) / "data",
            models,
            PISOVEREIGN_INFERENCE__MODEL=model.id,
            PISOVEREIGN_INFERENCE__TIMEOUT_S=str(LIMIT_S),
            PISOVEREIGN_CACHE__ANSWERS_S="0",
            PISOVEREIGN_SECURITY__RATE_LIMIT_RPM="100000",
        )
        try:
            server.start()
            yield Target(OURS, f"{server.url}/v1", ALICE_KEY)
        finally:
            server.remove()


@contextlib.contextmanager
def _theirs(model: SmallModel) -> Iterator[Target]:
    # What is asked is what is right, not how fast: one thread waits for no other on a busy machine.
    threads = ("--threads", "1", "--threads-batch", "1")
    options = ("--jinja", "--ctx-size", str(_CONTEXT), "--parallel", "1", *threads)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "llama-server.log"
        with llama_server(fetch_weights(model), model.id, log, options) as url:
            yield Target(THEIRS, f"{url}/v1")


def run(model: SmallModel, most: int, categories: Sequence[Category], only: str) -> Result:
    """Ask everything of both, in pairs."""
    environment, bfcl = describe(), Bfcl()
    outcomes: list[Outcome] = []
    with contextlib.ExitStack() as stack:
        targets = [
            stack.enter_context(start(model))
            for name, start in ((OURS, _ours), (THEIRS, _theirs))
            if only in ("", name)
        ]
        for category in categories:
            for question in bfcl.questions(category, most):
                for target in targets:
                    outcomes.append(ask(bfcl, target, model.id, question))
                    one = outcomes[-1]
                    print(msgspec.json.encode(one).decode(), file=sys.stderr)
            print(table(outcomes), file=sys.stderr)
    return Result(environment=environment, model=model.id, most=most, outcomes=outcomes)


def table(outcomes: Sequence[Outcome]) -> str:
    """Return a line for each category and server."""
    lines = ["| category | server | right | calls | valid | refused | seconds each |"]
    lines.append("| --- | --- | --- | --- | --- | --- | --- |")
    groups: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault((outcome.category, outcome.target), []).append(outcome)
    for (category, target), group in groups.items():
        calls = sum(one.calls for one in group)
        valid = calls - sum(one.invalid for one in group)
        seconds = sorted(one.seconds for one in group)[len(group) // 2]
        right = f"{sum(one.right for one in group)} of {len(group)}"
        refused = sum(one.refused for one in group)
        lines.append(
            f"| {category} | {target} | {right} | {calls} | {valid} | {refused} | {seconds:.1f} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="BFCL, in pairs with llama-server.")
    parser.add_argument("--model", choices=list(SMALL_MODELS), default=next(iter(SMALL_MODELS)))
    parser.add_argument("--most", type=int, default=60, help="questions of each category")
    parser.add_argument("--categories", nargs="+", choices=CATEGORIES, default=CATEGORIES)
    parser.add_argument("--only", choices=[OURS, THEIRS], default="", help="ask only one of both")
    parser.add_argument("--output", type=Path, help="write all outcomes as JSON")
    parser.add_argument("--show", action="store_true", help="print each outcome that is wrong")
    options: Any = parser.parse_args()
    result = run(SMALL_MODELS[options.model], options.most, options.categories, options.only)
    if options.output:
        options.output.write_bytes(msgspec.json.format(msgspec.json.encode(result)))
    if options.show:
        for one in result.outcomes:
            if not one.right:
                print(f"{one.question} {one.target}: {one.said}")
    print(f"{result.model}, first {result.most} of each category")
    print(table(result.outcomes))


if __name__ == "__main__":
    main()
