"""How long a light takes from the sentence on: without a model, through chat.

    python -m bench.home --rounds 100
    PISOVEREIGN_TEST_HOME_ASSISTANT=~/.cache/pisovereign/home-assistant \
        python -m bench.home --real --rounds 100

Each round says one of several sentences in English or German that turns a lamp on or off, and waits
for the answer, which comes once Home Assistant has said that it is done. Without `--real` a
stand-in is the house, so that what is measured is ours; with it, Home Assistant itself is, as
`make test-home-assistant` installs it. The same is measured for a question.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple
from uuid import uuid4

import msgspec

from bench.environment import Environment, describe
from bench.program import running
from bench.report import add_output, percentile, publish, table
from tests.support.demo_house import CONFIGURATION
from tests.support.home_assistant import home_assistant
from tests.support.home_assistant_api import TOKEN, home_assistant_api
from tests.support.server import Server

AIM_MS = 300.0
WARM_UP = 4


class House(NamedTuple):
    """Where a house is, and what is said to it."""

    url: str
    token: str
    orders: tuple[str, ...]
    questions: tuple[str, ...]


class Result(msgspec.Struct, frozen=True):
    """Milliseconds of each round."""

    environment: Environment
    real: bool
    order_ms: list[float]
    question_ms: list[float]


@contextmanager
def house_of(real: bool) -> Iterator[House]:
    """Run a house."""
    if real:
        with home_assistant(CONFIGURATION) as home:
            yield House(
                home.url,
                home.token,
                (
                    "Turn on the desk lamp",
                    "Mach die Schreibtischlampe aus",
                    "Turn on the lights in the bedroom",
                    "Mach das Licht im Schlafzimmer aus",
                ),
                ("Is the desk lamp on?", "Ist die Haustür zu?"),
            )
        return
    with home_assistant_api() as api:
        yield House(
            api.url,
            TOKEN,
            (
                "Turn on the hall lamp",
                "Mach die Flurlampe aus",
                "Turn on the light in the kitchen",
                "Mach das Licht in der Küche aus",
            ),
            ("Is the hall lamp on?", "Ist die Flurlampe an?"),
        )


def measure(
    server: Server, said: Sequence[str], rounds: int, expected: Sequence[str]
) -> list[float]:
    """Return how long each answer took, in milliseconds."""
    taken = []
    for number, text in enumerate(itertools.islice(itertools.cycle(said), WARM_UP + rounds)):
        began = time.perf_counter()
        answer = server.chat(text, conversation_id=str(uuid4())).json()
        elapsed = (time.perf_counter() - began) * 1000
        assert answer["model"] == "commands", answer
        assert any(word in answer["content"] for word in expected), answer
        if number >= WARM_UP:
            taken.append(elapsed)
    return taken


def main() -> int:
    """Measure, print a table, and return 1 if the aim is missed."""
    parser = argparse.ArgumentParser(prog="bench.home", description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--real", action="store_true")
    add_output(parser)
    options = parser.parse_args()
    environment = describe()
    with (
        house_of(options.real) as house,
        running(
            PISOVEREIGN_HOME_ASSISTANT__URL=house.url,
            PISOVEREIGN_HOME_ASSISTANT__TOKEN=house.token,
        ) as server,
    ):
        orders = measure(server, house.orders, options.rounds, ("urned o", "geschaltet"))
        questions = measure(server, house.questions, options.rounds, (" is ", " ist "))
    result = Result(environment, options.real, orders, questions)
    rows: list[list[object]] = [
        [name, percentile(times, 0.5), percentile(times, 0.9), max(times)]
        for name, times in (("a light", orders), ("a question", questions))
    ]
    publish(result, table(["milliseconds", "p50", "p90", "max"], rows), options.output)
    return int(percentile(orders, 0.9) > AIM_MS)


if __name__ == "__main__":
    sys.exit(main())
