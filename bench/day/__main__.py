"""Forty plain sentences of a day in each of six styles, said to the real program.

    python -m bench.day --styles terse german

Each style is two conversations of twenty sentences. A sentence is right when what is stored has
changed as it asks for, and in nothing else, and the answer says what it has to. A false claim is an
answer of the model that says something was done, without anything having changed.
"""

from __future__ import annotations

import argparse
import sys
import uuid
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import requests

from bench.day.judge import Turn, Verdict, judge
from bench.day.state import read_state
from bench.environment import Environment, describe
from bench.program import running
from bench.report import add_output, publish, table
from tests.support.server import ALICE_KEY, BOB_KEY, Server

_DATA = Path(__file__).parent.parent / "data" / "day"
STYLES = ("terse", "polite", "chatty", "german", "french", "household")
_ZONE = "Europe/Berlin"
_LIMIT_S = 300


class Style(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The conversations of a style."""

    conversations: tuple[tuple[Turn, ...], ...]


class Result(msgspec.Struct, frozen=True):
    """The verdicts by style."""

    environment: Environment
    verdicts: dict[str, list[Verdict]]


def main(argv: Sequence[str] | None = None) -> int:
    """Say everything, judge and print."""
    parser = argparse.ArgumentParser(prog="bench.day", description=__doc__.partition("\n")[0])
    parser.add_argument("--styles", nargs="+", default=STYLES, choices=STYLES)
    parser.add_argument("--show", action="store_true", help="print what was wrong")
    add_output(parser)
    args = parser.parse_args(argv)
    environment = describe()
    verdicts = {}
    for style in args.styles:
        with running(
            PISOVEREIGN_SERVER__TIME_ZONE=_ZONE, PISOVEREIGN_ENGINE__TUNE="false"
        ) as server:
            verdicts[style] = list(_shown(say_all(server, style), style, show=args.show))
    rows = [
        (style, len(found), sum(not v.wrong for v in found), sum(v.false_claim for v in found))
        for style, found in verdicts.items()
    ]
    head = ("style", "sentences", "right", "false claims")
    publish(Result(environment, verdicts), table(head, rows), args.output)
    return 0


def say_all(server: Server, style: str) -> Iterator[Verdict]:
    """Say every sentence of a style, each conversation as another person; yield the verdicts."""
    data = msgspec.toml.decode((_DATA / f"{style}.toml").read_bytes(), type=Style)
    for turns, key in zip(data.conversations, (ALICE_KEY, BOB_KEY), strict=True):
        name = str(uuid.uuid4())
        for turn in turns:
            before = read_state(server.url, key)
            response = requests.post(
                f"{server.url}/v1/chat",
                json={"message": turn.say, "conversation_id": name},
                headers={"Authorization": f"Bearer {key}"},
                timeout=_LIMIT_S,
            )
            response.raise_for_status()
            after = read_state(server.url, key)
            yield judge(turn, response.json(), before, after, ZoneInfo(_ZONE))


def _shown(verdicts: Iterable[Verdict], style: str, *, show: bool) -> Iterator[Verdict]:
    """Yield the verdicts, and print the wrong ones for a person on the way."""
    for verdict in verdicts:
        if show and verdict.wrong:
            answer = " ".join(verdict.answer.split())[:160]
            print(
                f"{style}: {verdict.say}\n    {verdict.wrong}\n    {answer}",
                file=sys.stderr,
                flush=True,
            )
        yield verdict


if __name__ == "__main__":
    sys.exit(main())
