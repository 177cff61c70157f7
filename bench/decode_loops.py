"""The two loops that `bench.decode` compares; prints the median milliseconds of a step.

python -m bench.decode_loops bare 4 1
"""

from __future__ import annotations

import asyncio
import itertools
import statistics
import sys
import time
from typing import TYPE_CHECKING

from bench.phrases import story
from pisovereign.config import Config
from pisovereign.config.loading import models_dir
from pisovereign.engine.compute_settings import ComputeSettings
from pisovereign.engine.openmp import set_up_openmp
from pisovereign.engine.templates import TEMPLATES
from pisovereign.engine_client.types import Message

if TYPE_CHECKING:
    from pisovereign.engine.llama import Context, Model

LOOPS = ("bare", "engine")
_LENGTH, _STEPS = 512, 64


def main() -> None:
    """Run one loop for a number of sequences and threads."""
    loop, sequences, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    set_up_openmp("active" if threads > 1 else "passive")
    # Only now: importing llama.cpp loads OpenMP.
    from pisovereign.engine.llama import Context, Model  # noqa: PLC0415

    model = Model(models_dir() / Config().inference.model / "model.gguf")
    settings = ComputeSettings(threads=threads, batch_threads=threads)
    context = Context(model, length=_LENGTH, sequences=sequences, settings=settings)
    template = TEMPLATES["chatml"]
    model.vocab.fit(template)
    prompts = [
        model.vocab.encode(template.render([Message("user", story(number))]))
        for number in range(sequences)
    ]
    run = _bare if loop == "bare" else _engine
    print(run(model, context, prompts))


def _bare(_model: Model, context: Context, prompts: list[list[int]]) -> float:
    from pisovereign.engine.llama import Entry  # noqa: PLC0415

    newest = []
    for seq, prompt in enumerate(prompts):
        (row,) = context.decode([Entry(seq, 0, prompt, sample=True)])
        newest.append(int(row.argmax()))
    times = []
    for step in range(_STEPS):
        began = time.perf_counter()
        entries = [
            Entry(seq, len(prompts[seq]) + step, [token], sample=True)
            for seq, token in enumerate(newest)
        ]
        newest = [int(row.argmax()) for row in context.decode(entries)]
        times.append(time.perf_counter() - began)
    return 1000 * statistics.median(times)


def _engine(model: Model, context: Context, prompts: list[list[int]]) -> float:
    from pisovereign.engine.answer_reader import AnswerReader  # noqa: PLC0415
    from pisovereign.engine.generation import Generation  # noqa: PLC0415
    from pisovereign.engine.jobs import Done, EventStream, Job  # noqa: PLC0415
    from pisovereign.engine.prefix_reuse import PrefixReuse  # noqa: PLC0415
    from pisovereign.engine.sampling import Sampler, SamplingParams  # noqa: PLC0415
    from pisovereign.engine.scheduler import Scheduler  # noqa: PLC0415
    from pisovereign.engine.snapshots import Snapshots  # noqa: PLC0415
    from pisovereign.engine.worker import Worker  # noqa: PLC0415

    scheduler = Scheduler(slots=context.sequences, queue=0, step_tokens=context.batch_size)
    worker = Worker(context, scheduler, PrefixReuse(context, scheduler.slots, Snapshots(0)))
    inference = Config().inference
    params = SamplingParams(temperature=inference.temperature, top_p=inference.top_p, seed=1)

    async def listen(prompt: list[int]) -> list[float]:
        events, times = EventStream(), []
        sampler = Sampler(params, prompt)
        generation = Generation(model.vocab, sampler, AnswerReader(), max_tokens=_STEPS)
        job = Job(prompt=prompt, shared=0, cache_key="", generation=generation, deliver=events.put)
        worker.submit(job)
        while not isinstance(await events.get(60.0), Done):
            times.append(time.perf_counter())
        return times

    async def go() -> list[list[float]]:
        worker.start()
        try:
            return await asyncio.gather(*map(listen, prompts))
        finally:
            worker.stop()

    heard = asyncio.run(go())
    # While every one of them is being written.
    begin, end = max(times[0] for times in heard), min(times[-1] for times in heard)
    gaps = [
        b - a for times in heard for a, b in itertools.pairwise(times) if a >= begin and b <= end
    ]
    return 1000 * statistics.median(gaps)


if __name__ == "__main__":
    main()
