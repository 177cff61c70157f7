"""How much of what the model writes is held back, and how often an answer copies an earlier one.

    python -m bench.held_text questions.txt fragen.txt --most 170

Each file has a question a line, such as those of a public set. They are asked over
`/v1/chat/stream`, a few in each conversation, as people ask. Held text is counted by the program
itself, in `chat_held_tokens` of its metrics: with each token of an answer, how many are held; the
percentiles are the upper bounds of its buckets. A copy is an answer that begins as an earlier one
of its conversation, as far as beginnings are long enough to be compared. An answer that ends with a
correction claimed what was not done, as far as the program noticed: `withheld`.
"""

from __future__ import annotations

import argparse
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from bench.environment import Environment, describe
from bench.program import running
from bench.report import add_output, publish, table
from pisovereign.chat.metrics import NAME
from pisovereign.engine.copy_penalty import beginning
from tests.metrics.scrape import series
from tests.support.server import Server

TOKENS = 100
_QUANTILES = (0.5, 0.9, 0.99)


class Found(msgspec.Struct, frozen=True):
    """The answers to the questions of a file.

    Attributes:
        answers: How many there are.
        tokens: Tokens of those that came from the model.
        held: The tokens held back with a token, at p50, p90 and p99.
        at_once: The share of tokens that were shown at once.
        copies: Answers that begin as an earlier one of their conversation.
        withheld: Answers in which the program replaced a claim.
        commands: Questions that were answered without a model.
    """

    answers: int
    tokens: int
    held: tuple[float, float, float]
    at_once: float
    copies: int
    withheld: int
    commands: int


class Result(msgspec.Struct, frozen=True):
    """What was found, by file."""

    environment: Environment
    turns: int
    files: dict[str, Found]


def main(argv: Sequence[str] | None = None) -> int:
    """Ask and print."""
    parser = argparse.ArgumentParser(prog="bench.held_text", description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="+", type=Path, help="a question a line")
    parser.add_argument("--most", type=int, default=1000, help="questions of each file")
    parser.add_argument("--to-model", action="store_true", help="let no message be a command")
    parser.add_argument("--turns", type=int, default=5, help="of a conversation")
    add_output(parser)
    args = parser.parse_args(argv)
    environment = describe()
    with running(PISOVEREIGN_CACHE__EMBEDDINGS_S="600") as server:
        files = {
            path.stem: _ask_all(server, path.read_text().splitlines()[: args.most], args)
            for path in args.files
        }
    result = Result(environment, args.turns, files)
    publish(result, _rows(result), args.output)
    return 0


def _ask_all(server: Server, questions: Sequence[str], args: argparse.Namespace) -> Found:
    before = _counts(server)
    copies = withheld = commands = 0
    begun: list[str] = []
    conversation = ""
    for number, question in enumerate(questions):
        if number % args.turns == 0:
            conversation, begun = f"bench-{uuid.uuid4()}", []
        done = _ask(server, conversation, question, commands=not args.to_model)
        if done.get("command") or done.get("caution"):
            commands += 1
            continue
        began = beginning(done["text"])
        copies += bool(began) and any(began == other for other in begun)
        begun.append(began)
        withheld += bool(done.get("claim_withheld"))
    after = _counts(server)
    grown = {bound: after[bound] - before.get(bound, 0) for bound in after}
    tokens = max(grown.values(), default=0)
    return Found(
        answers=len(questions),
        tokens=int(tokens),
        held=tuple(_quantile(grown, share) for share in _QUANTILES),  # type: ignore[arg-type]
        at_once=round(grown.get(0.0, 0) / tokens, 3) if tokens else 0.0,
        copies=copies,
        withheld=withheld,
        commands=commands,
    )


def _ask(server: Server, conversation: str, question: str, *, commands: bool) -> dict[str, Any]:
    body = {
        "message": question,
        "conversation_id": conversation,
        "max_tokens": TOKENS,
        "commands": commands,
    }
    response = server.request("POST", "/v1/chat/stream", json=body)
    text, done = "", dict[str, Any]()
    for line in response.text.splitlines():
        if line.startswith("data: {"):
            data = msgspec.json.decode(line.removeprefix("data: "))
            text += data.get("delta", "")
            done = data
    return done | {"text": text}


def _counts(server: Server) -> dict[float, float]:
    """Return how many tokens were seen with at most as many held."""
    return {
        float(dict(labels)["le"]): value
        for (name, labels), value in series(server).items()
        if name == f"{NAME}_bucket"
    }


def _quantile(counts: dict[float, float], share: float) -> float:
    total = max(counts.values(), default=0)
    return next((bound for bound in sorted(counts) if counts[bound] >= share * total), 0.0)


def _rows(result: Result) -> str:
    head = ("questions", "answers", "tokens", "held p50", "p90", "p99", "at once", "copies",
            "withheld", "no model")  # fmt: skip
    rows = [
        (
            name,
            str(found.answers),
            str(found.tokens),
            *(f"{held:g}" for held in found.held),
            f"{found.at_once:.1%}",
            str(found.copies),
            str(found.withheld),
            str(found.commands),
        )
        for name, found in result.files.items()
    ]
    return table(head, rows)


if __name__ == "__main__":
    sys.exit(main())
