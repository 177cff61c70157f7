"""JSON of twenty fields beside plain text of as many tokens, under the engine's scheduler.

    python -m bench.json_fields --rounds 5 --clients 1 4

Three kinds of answers take turns on the same model: plain text, JSON within a schema whose forced
tokens are drawn one by one, and JSON as the engine writes it. Prints the median milliseconds of a
token of each, and the ratios of the rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from bench.environment import Environment, describe
from bench.phrases import story
from bench.report import add_output, publish, table
from pisovereign.config import Config
from pisovereign.config.loading import models_dir
from pisovereign.engine.openmp import set_up_openmp
from pisovereign.engine_client.types import Message

if TYPE_CHECKING:
    from pisovereign.engine.jobs import Job
    from pisovereign.engine.llama import Context, Model
    from pisovereign.engine.worker import Worker

PLAIN, DRAWN, JUMPS = "plain text", "JSON, drawn", "JSON"
KINDS = (PLAIN, DRAWN, JUMPS)
_LENGTH, _MOST, _ANSWER_LIMIT_S = 1024, 400, 300.0
_VALUES: tuple[dict[str, Any], ...] = (
    {"type": "integer"},
    {"type": "boolean"},
    {"enum": ["low", "medium", "high"]},
    {"type": "string", "maxLength": 12},
)
_NAMES = (
    *("title", "priority", "quantity", "is_urgent", "customer_name", "street", "city"),
    *("postal_code", "country", "phone", "email", "delivery_day", "delivery_month", "weight"),
    *("is_paid", "currency", "discount", "language", "comment", "category"),
)
_QUESTION = "Fill in the form of an order with made-up values."


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds of a token by kind, medians; ratios to plain text, and their medians."""

    clients: int
    tokens: int
    ms: dict[str, float]
    drawn_ratio: float
    ratio: float
    ratios: list[float]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """All rows and what they were measured on."""

    environment: Environment
    model: str
    threads: int
    rows: list[Row]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.json_fields")
    default = models_dir() / Config().inference.model / "model.gguf"
    parser.add_argument("--model-file", type=Path, default=default)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--threads", type=int, default=1)
    add_output(parser)
    args = parser.parse_args(argv)
    environment = describe()
    set_up_openmp("active" if args.threads > 1 else "passive")
    # Only now: importing llama.cpp loads OpenMP.
    from pisovereign.engine.llama import Model  # noqa: PLC0415

    model = Model(args.model_file)
    rows = [_row(model, clients, args.threads, args.rounds) for clients in args.clients]
    result = Result(
        environment=environment, model=args.model_file.name, threads=args.threads, rows=rows
    )
    head = ("clients", "tokens", *(f"{kind} ms" for kind in KINDS), "drawn / plain", "JSON / plain")
    lines = [
        (r.clients, r.tokens, *(r.ms[kind] for kind in KINDS), r.drawn_ratio, r.ratio) for r in rows
    ]
    publish(
        result,
        table((*head, "rounds"), [_line(x, r) for x, r in zip(lines, rows, strict=True)]),
        args.output,
    )
    return 0


def _line(line: tuple[Any, ...], row: Row) -> tuple[Any, ...]:
    return (*line, " ".join(f"{ratio:.2f}" for ratio in row.ratios))


def _row(model: Model, clients: int, threads: int, rounds: int) -> Row:
    from pisovereign.engine.compute_settings import ComputeSettings  # noqa: PLC0415
    from pisovereign.engine.llama import Context  # noqa: PLC0415
    from pisovereign.engine.templates import TEMPLATES  # noqa: PLC0415

    settings = ComputeSettings(threads=threads, batch_threads=threads)
    context = Context(model, length=_LENGTH, sequences=clients, settings=settings)
    model.vocab.fit(TEMPLATES["chatml"])
    times: dict[str, list[float]] = {kind: [] for kind in KINDS}
    tokens = 0
    for number in range(rounds + 1):
        found = {}
        for kind in KINDS if number % 2 else reversed(KINDS):
            found[kind], tokens = asyncio.run(_answers(model, context, kind, clients, number))
        if number:  # the first round warms up
            for kind in KINDS:
                times[kind].append(found[kind])
    context.close()
    ratios = [json / plain for json, plain in zip(times[JUMPS], times[PLAIN], strict=True)]
    drawn = [json / plain for json, plain in zip(times[DRAWN], times[PLAIN], strict=True)]
    return Row(
        clients=clients,
        tokens=tokens,
        ms={kind: statistics.median(times[kind]) for kind in KINDS},
        drawn_ratio=statistics.median(drawn),
        ratio=statistics.median(ratios),
        ratios=ratios,
    )


async def _answers(
    model: Model, context: Context, kind: str, clients: int, number: int
) -> tuple[float, int]:
    """Return the milliseconds of a token from the first one on, and tokens of an answer."""
    from pisovereign.engine.prefix_reuse import PrefixReuse  # noqa: PLC0415
    from pisovereign.engine.scheduler import Scheduler  # noqa: PLC0415
    from pisovereign.engine.snapshots import Snapshots  # noqa: PLC0415
    from pisovereign.engine.worker import Worker  # noqa: PLC0415

    scheduler = Scheduler(slots=clients, queue=0, step_tokens=context.batch_size)
    worker = Worker(context, scheduler, PrefixReuse(context, scheduler.slots, Snapshots(0)))
    for seq in range(clients):
        context.truncate(seq, 0)
    worker.start()
    try:
        heard = await asyncio.gather(
            *(_listen(worker, model, kind, number * clients + client) for client in range(clients))
        )
    finally:
        worker.stop()
    begin, end = min(h[0] for h in heard), max(h[1] for h in heard)
    tokens = statistics.mean(h[2] for h in heard)
    return 1000 * (end - begin) / tokens, round(tokens)


async def _listen(worker: Worker, model: Model, kind: str, name: int) -> tuple[float, float, int]:
    from pisovereign.engine.jobs import Done, EventStream  # noqa: PLC0415

    events = EventStream()
    job = _job(model, kind, name, events.put)
    worker.submit(job)
    begin = 0.0
    while True:
        event = await events.get(_ANSWER_LIMIT_S)
        now = time.perf_counter()
        begin = begin or now
        if isinstance(event, Done):
            return begin, now, event.completion_tokens


def _job(model: Model, kind: str, name: int, deliver: Any) -> Job:
    from pisovereign.engine.answer_reader import AnswerReader  # noqa: PLC0415
    from pisovereign.engine.generation import Generation  # noqa: PLC0415
    from pisovereign.engine.grammar import GrammarConstraint  # noqa: PLC0415
    from pisovereign.engine.jobs import Job  # noqa: PLC0415
    from pisovereign.engine.sampling import Sampler, SamplingParams  # noqa: PLC0415
    from pisovereign.engine.schemas.reading import read_schema  # noqa: PLC0415
    from pisovereign.engine.templates import TEMPLATES  # noqa: PLC0415
    from pisovereign.engine.tool_calls.compiling import compile_form  # noqa: PLC0415

    class Drawn(GrammarConstraint):
        """The same, without jumping."""

        def forced(self, _most: int) -> list[int]:
            return []

    question = story(name) if kind == PLAIN else f"{name}: {_QUESTION}"
    prompt = model.vocab.encode(TEMPLATES["chatml"].render([Message("user", question)]))
    constraint = None
    if kind != PLAIN:
        make = GrammarConstraint if kind == JUMPS else Drawn
        form = compile_form(read_schema(_schema(), "response_format"), {}, None)
        constraint = make(model.vocab, form.text)
    sampler = Sampler(SamplingParams(temperature=0.7, seed=name), prompt, constraint)
    most = _MOST if constraint else 160
    generation = Generation(model.vocab, sampler, AnswerReader(), max_tokens=most)
    return Job(prompt=prompt, shared=0, cache_key="", generation=generation, deliver=deliver)


def _schema() -> dict[str, Any]:
    fields = {name: _VALUES[i % len(_VALUES)] for i, name in enumerate(_NAMES)}
    return {"type": "object", "properties": fields, "required": list(fields)}


if __name__ == "__main__":
    sys.exit(main())
