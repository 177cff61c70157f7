"""Ours beside ours and beside `llama-server`: what the native stream costs, and what it gains.

    python -m bench.side_by_side --rounds 3 --output side_by_side.json
    python -m bench.side_by_side --clients 4 --prompts short --peer-options "--threads 1"
    python -m bench.side_by_side --program ../checkout-of-the-commit-before
    python -m bench.side_by_side --check

Thirty ordinary questions are asked of each column in turns, in an order that turns too: of
`/v1/chat/stream` and `/v1/chat/completions` of the whole program, of `llama-server` with the same
weights, and of the native stream of another checkout. `--check` is short: only our two streams,
more rounds only while the native one seems too slow, and exit code 1 where it is slower than
completions by more than the limits.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from bench.closed_loop import ask, dealt
from bench.columns import (
    COMPLETIONS,
    OTHER,
    PEER,
    Column,
    Model,
    PeerSettings,
    other_column,
    our_columns,
    peer_column,
)
from bench.dialogue import Heard, Say
from bench.environment import describe
from bench.openloop import precise_loop
from bench.ordinary_questions import OrdinaryQuestions
from bench.report import add_output, publish
from bench.resident import cpu_s
from bench.side_result import (
    RATE,
    Cell,
    Pair,
    Result,
    by_model,
    cell_of,
    samples,
    tables,
    told,
    too_slow,
)
from bench.small_models import folder_with
from pisovereign.chat.prompt import language_text, with_context
from pisovereign.config import Config
from pisovereign.engine.compute_settings import WaitPolicy

_LENGTH = 2560  # tokens of a conversation, of all columns
# Of a client, in a pair: the more there are, the less the end of a pair counts, where some clients
# have no question left; the fewer, the nearer to each other are the columns' turns.
_EACH = 3
_PEER_THREADS: Sequence[tuple[str, WaitPolicy]] = (
    ("1", "passive"),
    ("2", "passive"),
    ("2", "active"),
)
_PEER_CANDIDATES = [
    PeerSettings(options=("--threads", threads, "--flash-attn", flash), wait_policy=wait_policy)
    for threads, wait_policy in _PEER_THREADS
    for flash in ("off", "on")
]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of all columns.

    Attributes:
        clients: numbers of clients.
        prompts: kinds of prompts: `short`, `400 words`.
        rounds: how often all of it is asked.
        questions: how many of the questions.
        max_tokens: of each answer.
        each: questions of a client in a pair.
        until_fast: ask no more rounds once nothing of a cell is too slow.
    """

    clients: Sequence[int]
    prompts: Sequence[str]
    rounds: int
    questions: int
    max_tokens: int
    each: int = _EACH
    until_fast: bool = False


SHORT, LONG = "short", "400 words"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; with `--check` exit code 1 if the native stream is too slow."""
    args = _arguments(argv)
    plan = _plan(args)
    environment = describe()
    with contextlib.ExitStack() as stack:
        root = stack.enter_context(folder_with(args.model))
        columns = stack.enter_context(_columns(args, plan, Model(id=args.model, root=root)))
        loop = stack.enter_context(asyncio.Runner(loop_factory=precise_loop))
        cells = loop.run(_measure({name: column for name, (column, _) in columns.items()}, plan))
        settings = {name: how for name, (_, how) in columns.items()}
    result = Result(
        environment=environment,
        model=args.model,
        rounds=plan.rounds,
        max_tokens=plan.max_tokens,
        columns=settings,
        cells=cells,
        too_slow=too_slow(cells, COMPLETIONS),
    )
    publish(result, tables(result), args.output)
    return 1 if args.check and result.too_slow else 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench.side_by_side", description=__doc__.partition("\n")[0]
    )
    add = parser.add_argument
    add("--clients", type=int, nargs="+", help="1 4 8 if not given, 1 with --check")
    add("--prompts", nargs="+", choices=(SHORT, LONG), default=[SHORT, LONG])
    add("--rounds", type=int, help="3 if not given; with --check at most so many")
    add("--questions", type=int, default=30, help="so many of the thirty")
    add("--max-tokens", type=int, default=128, help="of an answer")
    add("--model", default=Config().inference.model, help="its id")
    add("--settings", nargs="*", default=[], help="of ours, such as ENGINE__THREADS=2")
    add("--peer-options", help="of llama-server, found if not given; empty: without it")
    add("--peer-wait-policy", default="passive", choices=("passive", "active"))
    add("--program", type=Path, help="another checkout, whose native stream is measured too")
    add("--check", action="store_true", help="short, and fails if the native stream is too slow")
    add_output(parser)
    args = parser.parse_args(argv)
    if not 1 <= args.questions <= 30:
        parser.error("--questions must be 1 to 30")
    return args


def _plan(args: argparse.Namespace) -> Plan:
    if args.check:
        # As many pairs as fit into a minute, so that no single disturbance decides. With more
        # clients there are too few of them: each waits for what the others ask as well.
        return Plan(
            clients=args.clients or (1,),
            prompts=(SHORT,),
            # What is too slow by chance is not so of three times as many.
            rounds=args.rounds or 3,
            until_fast=True,
            questions=args.questions,
            max_tokens=32,
            each=1,
        )
    return Plan(
        clients=args.clients or (1, 4, 8),
        prompts=args.prompts,
        rounds=args.rounds or 3,
        questions=args.questions,
        max_tokens=args.max_tokens,
    )


@contextlib.contextmanager
def _columns(
    args: argparse.Namespace, plan: Plan, model: Model
) -> Iterator[dict[str, tuple[Column, str]]]:
    """Start the servers; yields each with its settings in words."""
    given = {f"PISOVEREIGN_{name}": value for name, _, value in map(_split, args.settings)}
    settings = {
        # As many answers at once as the program chooses itself.
        "PISOVEREIGN_ENGINE__PARALLEL": "0",
        # A turn needs a message's vectors more than once: they are kept as long as that takes, and
        # not until the next round.
        "PISOVEREIGN_CACHE__EMBEDDINGS_S": "5",
    }
    if not args.check:
        # As at a first start; it takes half a minute.
        settings["PISOVEREIGN_ENGINE__TUNE"] = "true"
        settings["PISOVEREIGN_ENGINE__TUNE_AFTER_S"] = "0"
        settings["PISOVEREIGN_ENGINE__CONTEXT_LENGTH"] = str(_LENGTH)
    settings |= given
    how = " ".join(args.settings) or "its own settings"
    with contextlib.ExitStack() as stack:
        columns: dict[str, tuple[Column, str]] = {}
        best = None if args.check or args.peer_options == "" else _peer_settings(args, plan, model)
        for name, column in stack.enter_context(our_columns(model, settings)).items():
            columns[name] = column, how
        if best is not None:
            peer = stack.enter_context(peer_column(model, max(plan.clients), _LENGTH, best))
            columns[PEER] = peer[PEER], str(best)
        if args.program is not None:
            checkout = args.program.resolve()
            other = stack.enter_context(other_column(checkout, model, settings))
            columns[OTHER] = other[OTHER], how
        yield columns


def _peer_settings(args: argparse.Namespace, plan: Plan, model: Model) -> PeerSettings:
    """Return those that were asked for, or those with most tokens a second for four clients."""
    if args.peer_options is not None:
        options = args.peer_options.split()
        return PeerSettings(options=options, wait_policy=args.peer_wait_policy)
    search = msgspec.structs.replace(plan, questions=12, max_tokens=64, each=3)
    best, most = _PEER_CANDIDATES[0], 0.0
    for settings in _PEER_CANDIDATES:
        with peer_column(model, 4, _LENGTH, settings) as column, _loop() as loop:
            texts = _texts(SHORT, 0)[: search.questions]
            (pair,), _ = loop.run(_round(column, texts, 4, search, 0))
        (rate,) = pair[PEER][RATE]
        print(f"{rate:.1f} tok/s: llama-server {settings}", file=sys.stderr)
        if rate > most:
            best, most = settings, rate
    return best


def _loop() -> asyncio.Runner:
    return asyncio.Runner(loop_factory=precise_loop)


async def _measure(columns: Mapping[str, Column], plan: Plan) -> list[Cell]:
    for column in columns.values():
        # Once, so that nothing is done for the first time while it is measured.
        await ask(column.target, [_says(["Who are you?"], "before", plan.max_tokens)])
    gc.freeze()
    gc.disable()
    cells, asked = list[Cell](), 0
    for prompts in plan.prompts:
        for clients in plan.clients:
            rounds, left_out = list[list[Pair]](), 0
            for number in range(plan.rounds):
                texts = _texts(prompts, asked)[: plan.questions]
                pairs, missing = await _round(columns, texts, clients, plan, asked)
                rounds.append(pairs)
                left_out += missing
                asked += 1
                print(f"round {number + 1}: {told(clients, prompts, pairs)}", file=sys.stderr)
                if plan.until_fast and _is_fast(cell_of(clients, prompts, rounds)):
                    break
            cells.append(cell_of(clients, prompts, rounds, left_out))
    gc.enable()
    return cells


def _is_fast(cell: Cell) -> bool:
    return not too_slow([cell], COMPLETIONS)


def _texts(prompts: str, number: int) -> list[str]:
    """Return what is asked in a round, counted from 0 among all that the servers were asked."""
    source = OrdinaryQuestions.load()
    return source.short(number) if prompts == SHORT else source.long(number)


async def _round(
    columns: Mapping[str, Column], texts: Sequence[str], clients: int, plan: Plan, number: int
) -> tuple[list[Pair], int]:
    """Ask all questions of each column: some of them of one, the same of the next, and so on.

    Returns the pairs, and how many questions were left out.
    """
    count = max(1, len(texts) // (clients * plan.each))
    pairs: list[Pair] = []
    left_out = 0
    for at in range(count):
        says = _says(texts[at::count], f"{number}-{at}", plan.max_tokens)
        turn = (number + at) % len(columns)
        names = list(columns)
        heard, spent = dict[str, list[Heard]](), dict[str, dict[str, float]]()
        for name in names[turn:] + names[:turn]:
            heard[name], spent[name] = await _asked(columns[name], says, clients)
        kept = by_model(heard)
        asked = len(next(iter(kept.values())))
        left_out += len(says) - asked
        if asked:
            pairs.append({name: samples(kept[name], spent[name]) for name in names})
    return pairs, left_out


async def _asked(
    column: Column, says: Sequence[Say], clients: int
) -> tuple[list[Heard], dict[str, float]]:
    """Return the answers, and the seconds of CPU that each process spent meanwhile."""
    if column.target.dialect == "openai":
        says = [msgspec.structs.replace(say, message=_as_sent(say.message)) for say in says]
    before = {name: cpu_s(pid) for name, pid in column.processes.items()}
    heard = await ask(column.target, dealt(says, clients))
    return heard, {name: cpu_s(pid) - before[name] for name, pid in column.processes.items()}


def _as_sent(message: str) -> str:
    """Return a message below the line that the program sends with it, for the same prompt."""
    return with_context(message, language_text(message, "en") or None)


def _says(texts: Sequence[str], name: str, max_tokens: int) -> list[Say]:
    return [
        Say(conversation=f"{name}-{at}", message=text, max_tokens=max_tokens)
        for at, text in enumerate(texts)
    ]


def _split(setting: str) -> tuple[str, str, str]:
    return setting.partition("=")


if __name__ == "__main__":
    sys.exit(main())
