"""Answers that copy, with guesses and without, under the engine's worker.

    python -m bench.copies --rounds 3 --flash-attention

Three questions: to write a mail again, to summarize it, and to tell a story, which copies nothing.
With guesses and without take turns. Prints the median milliseconds of CPU for a token of each, as
others may use the machine, the ratios, and which share of guessed tokens was right.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bench.environment import Environment, describe
from bench.report import add_output, publish, table
from pisovereign.config import Config
from pisovereign.config.loading import models_dir
from pisovereign.engine.openmp import set_up_openmp
from pisovereign.engine_client.types import Message

if TYPE_CHECKING:
    from pisovereign.engine.llama import Context, Model
    from pisovereign.engine.prompt_lookup import StepCosts

MAIL = (
    "Dear Mr. Miller, thank you for your letter of 12 March. We will receive the goods on "
    "Thursday, the 4th of April, and pay the amount of 1,250.40 EUR to the account as agreed. "
    "Please let us know whether the delivery contains the spare parts for the pump, as we need "
    "them before the end of the month. Kind regards, Anna Schmidt"
)
QUESTIONS = {
    "copy": f"Write this mail again, word by word: {MAIL}",
    "summary": f"Summarize this mail in two sentences: {MAIL}",
    "story": "Tell me a story about a lighthouse.",
}
_LENGTH, _MOST, _LIMIT_S = 1024, 120, 300.0


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """CPU milliseconds of a token without and with guesses, medians; ratios with to without."""

    question: str
    without_ms: float
    with_ms: float
    ratio: float
    ratios: list[float]
    guessed: int
    right: int


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """All rows and what they were measured on."""

    environment: Environment
    model: str
    threads: int
    flash_attention: bool
    rows: list[Row]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.copies", description=__doc__.partition("\n")[0])
    default = models_dir() / Config().inference.model / "model.gguf"
    parser.add_argument("--model-file", type=Path, default=default)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--flash-attention", action="store_true")
    add_output(parser)
    args = parser.parse_args(argv)
    environment = describe()
    set_up_openmp("passive")
    # Only now: importing llama.cpp loads OpenMP.
    from pisovereign.engine.compute_settings import ComputeSettings  # noqa: PLC0415
    from pisovereign.engine.llama import Context, Model  # noqa: PLC0415
    from pisovereign.engine.prompt_lookup import StepCosts  # noqa: PLC0415
    from pisovereign.engine.templates import TEMPLATES  # noqa: PLC0415

    model = Model(args.model_file)
    model.vocab.fit(TEMPLATES["chatml"])
    settings = ComputeSettings(
        threads=args.threads, batch_threads=args.threads, flash_attention=args.flash_attention
    )
    context = Context(model, length=_LENGTH, sequences=1, settings=settings)
    costs = StepCosts()
    rows = [_row(model, context, costs, name, args.rounds) for name in QUESTIONS]
    result = Result(
        environment=environment,
        model=args.model_file.name,
        threads=args.threads,
        flash_attention=args.flash_attention,
        rows=rows,
    )
    head = ("question", "without ms", "with ms", "with / without", "rounds", "guessed", "right")
    lines = [
        (
            *(r.question, r.without_ms, r.with_ms, r.ratio),
            *(" ".join(f"{ratio:.2f}" for ratio in r.ratios), r.guessed, r.right),
        )
        for r in rows
    ]
    publish(result, table(head, lines), args.output)
    return 0


def _row(model: Model, context: Context, costs: StepCosts, name: str, rounds: int) -> Row:
    times: dict[bool, list[float]] = {False: [], True: []}
    guessed = right = 0
    for number in range(rounds):
        for guesses in (False, True) if number % 2 else (True, False):
            ms, tried, kept = asyncio.run(
                _answer(model, context, costs if guesses else None, name, number)
            )
            times[guesses].append(ms)
            guessed, right = guessed + tried, right + kept
    ratios = [one / other for one, other in zip(times[True], times[False], strict=True)]
    return Row(
        question=name,
        without_ms=statistics.median(times[False]),
        with_ms=statistics.median(times[True]),
        ratio=statistics.median(ratios),
        ratios=ratios,
        guessed=guessed,
        right=right,
    )


async def _answer(
    model: Model, context: Context, costs: StepCosts | None, name: str, seed: int
) -> tuple[float, int, int]:
    """Return CPU milliseconds of a token, guessed tokens, and how many of them were right."""
    from pisovereign.engine.answer_reader import AnswerReader  # noqa: PLC0415
    from pisovereign.engine.generation import Generation  # noqa: PLC0415
    from pisovereign.engine.jobs import Done, EventStream, Job  # noqa: PLC0415
    from pisovereign.engine.prefix_reuse import PrefixReuse  # noqa: PLC0415
    from pisovereign.engine.prompt_lookup import PromptLookup  # noqa: PLC0415
    from pisovereign.engine.sampling import Sampler, SamplingParams  # noqa: PLC0415
    from pisovereign.engine.scheduler import Scheduler  # noqa: PLC0415
    from pisovereign.engine.snapshots import Snapshots  # noqa: PLC0415
    from pisovereign.engine.templates import TEMPLATES  # noqa: PLC0415
    from pisovereign.engine.worker import Worker  # noqa: PLC0415

    context.truncate(0, 0)
    scheduler = Scheduler(slots=1, queue=0, step_tokens=context.batch_size)
    reuse = PrefixReuse(context, scheduler.slots, Snapshots(0))
    worker = Worker(context, scheduler, reuse, costs=costs)
    prompt = model.vocab.encode(TEMPLATES["chatml"].render([Message("user", QUESTIONS[name])]))
    # With a seed, so that both write the same but for rounding; guessed as if there were none.
    sampler = Sampler(SamplingParams(temperature=0.3, seed=seed), prompt)
    lookup = PromptLookup(prompt, repeatable=False) if costs is not None else None
    generation = Generation(model.vocab, sampler, AnswerReader(), max_tokens=_MOST, lookup=lookup)
    events = EventStream()
    job = Job(prompt=prompt, shared=0, cache_key="", generation=generation, deliver=events.put)
    worker.start()
    worker.submit(job)
    began = 0.0
    try:
        while not isinstance(event := await events.get(_LIMIT_S), Done):
            assert event is not None, "no answer in time"
            began = began or time.process_time()
    finally:
        worker.stop()
    ms = 1000 * (time.process_time() - began) / max(1, event.completion_tokens)
    return ms, worker.totals.guessed_tokens, worker.totals.accepted_tokens


if __name__ == "__main__":
    sys.exit(main())
