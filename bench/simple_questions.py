"""How many simple questions the default model answers rightly, by temperature.

    python -m bench.simple_questions --temperatures 0 0.1 0.2 0.3 0.7 --rounds 4

Each question is asked over `/v1/chat`, in a conversation of its own, with the system prompt and
the clock that everybody gets. An answer is right when it holds one of a few words. This says
nothing about how good a model is: it shows what prompt and temperature take away from it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import msgspec
import requests

from bench.environment import Environment, describe
from bench.program import running
from bench.report import add_output, publish, table
from tests.support.server import ALICE_KEY, Server

TOKENS = 24
QUESTIONS = {
    "What is the capital of France?": ("paris",),
    "Who wrote Romeo and Juliet?": ("shakespeare",),
    "How many days are in a week?": ("7", "seven"),
    "What is the largest planet of the solar system?": ("jupiter",),
    "What color is the sky on a clear day?": ("blue",),
    "What is the opposite of hot?": ("cold",),
    "Name a fruit.": ("apple", "banana", "orange", "mango", "grape", "pear", "berry"),
    "What do bees make?": ("honey",),
    "What is the chemical formula of water?": ("h2o", "h₂o"),
    "In which year did World War II end?": ("1945",),
    "Which animal says meow?": ("cat",),
    "What is the capital of Italy?": ("rome",),
    "How many legs does a spider have?": ("8", "eight"),
    "Which ocean is the largest?": ("pacific",),
    "Who was the first president of the United States?": ("washington",),
    "Was ist die Hauptstadt von Deutschland?": ("berlin",),
}


class Result(msgspec.Struct, frozen=True):
    """Right answers by temperature, of `asked` each."""

    environment: Environment
    asked: int
    right: dict[str, int]


def main(argv: Sequence[str] | None = None) -> int:
    """Ask, count and print."""
    parser = argparse.ArgumentParser(
        prog="bench.simple_questions", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--temperatures", type=float, nargs="+", default=[0.0, 0.1, 0.2, 0.3, 0.7])
    parser.add_argument("--rounds", type=int, default=4)
    add_output(parser)
    args = parser.parse_args(argv)
    environment = describe()
    with running(PISOVEREIGN_MEMORY__LEARN="false", PISOVEREIGN_CHAT__COMMANDS="false") as server:
        right = {
            f"{temperature:g}": sum(count_right(server, temperature) for _ in range(args.rounds))
            for temperature in args.temperatures
        }
    result = Result(environment, args.rounds * len(QUESTIONS), right)
    rows = [(name, count, count / result.asked) for name, count in right.items()]
    publish(result, table(("temperature", "right", "share"), rows), args.output)
    return 0


def count_right(server: Server, temperature: float) -> int:
    """Ask every question once."""
    return sum(
        any(word in answer(server, question, temperature).lower() for word in words)
        for question, words in QUESTIONS.items()
    )


def answer(server: Server, question: str, temperature: float) -> str:
    """Return the answer of a new conversation."""
    response = requests.post(
        f"{server.url}/v1/chat",
        json={"message": question, "temperature": temperature, "max_tokens": TOKENS},
        headers={"Authorization": f"Bearer {ALICE_KEY}"},
        timeout=120,
    )
    response.raise_for_status()
    return str(response.json()["content"])


if __name__ == "__main__":
    sys.exit(main())
