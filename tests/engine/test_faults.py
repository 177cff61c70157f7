"""One request that llama.cpp cannot compute, among others, at the real model."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from pisovereign.engine.answer_reader import AnswerReader
from pisovereign.engine.compute_settings import ComputeSettings
from pisovereign.engine.generation import Generation
from pisovereign.engine.jobs import Delta, Done, EventStream, Failed, Job
from pisovereign.engine.llama import Context, Model
from pisovereign.engine.prefix_reuse import PrefixReuse
from pisovereign.engine.sampling import Sampler, SamplingParams
from pisovereign.engine.scheduler import Scheduler
from pisovereign.engine.snapshots import Snapshots
from pisovereign.engine.templates import TEMPLATES
from pisovereign.engine.worker import Worker
from pisovereign.engine_client.types import Message
from tests.support.patience import PATIENCE_S

LENGTH = 256
QUESTIONS = ("What is the capital of France?", "Name three colors.")


@pytest.fixture
def context(model: Model) -> Iterator[Context]:
    settings = ComputeSettings(threads=1, batch_threads=1, batch=64, micro_batch=64)
    made = Context(model, length=LENGTH, sequences=3, settings=settings)
    yield made
    made.close()


def new_worker(context: Context) -> Worker:
    scheduler = Scheduler(slots=3, queue=8, step_tokens=64)
    return Worker(context, scheduler, PrefixReuse(context, scheduler.slots, Snapshots(1 << 26)))


def submit(worker: Worker, model: Model, prompt: list[int], key: str) -> EventStream:
    events = EventStream()
    sampler = Sampler(SamplingParams(temperature=0.0), prompt, None)
    generation = Generation(model.vocab, sampler, AnswerReader(), max_tokens=40)
    worker.submit(Job(prompt, 0, key, generation, events.put))
    return events


def prompt_of(model: Model, question: str) -> list[int]:
    return model.vocab.encode(TEMPLATES["chatml"].render([Message("user", question)]))


async def end_of(events: EventStream) -> tuple[str, Done | Failed]:
    text = ""
    while True:
        event = await events.get(PATIENCE_S)
        match event:
            case Delta(more):
                text += more
            case Done() | Failed():
                return text, event
            case None:
                raise AssertionError("nothing came")


@pytest.mark.parametrize("fault", ["longer than the context", "a token that is none"])
@pytest.mark.parametrize("place", ["together", "beside answers"])
def test_neighbors_of_a_failing_request_answer_as_ever(
    model: Model, context: Context, fault: str, place: str
) -> None:
    """The HTTP face refuses both before they get here; llama.cpp must be survived all the same."""
    bad = [*range(1000, 1000 + LENGTH + 40)] if "longer" in fault else [1000, 1 << 30, 1001, 1002]

    async def go() -> None:
        worker = new_worker(context)
        worker.start()
        try:
            prompts = [prompt_of(model, question) for question in QUESTIONS]
            alone = [
                (await end_of(submit(worker, model, prompt, f"alone {n}")))[0]
                for n, prompt in enumerate(prompts)
            ]
            good = [submit(worker, model, p, f"beside {n}") for n, p in enumerate(prompts)]
            first = [await events.get(PATIENCE_S) for events in good] if place != "together" else []
            failing = submit(worker, model, bad, "bad")
            text, failure = await end_of(failing)
            assert isinstance(failure, Failed)
            assert text == ""
            assert failure.error.code == "generation_failed"
            begun = [event.text for event in first if isinstance(event, Delta)] or ["", ""]
            ends = [await end_of(events) for events in good]
            assert [a + b for a, (b, _) in zip(begun, ends, strict=True)] == alone
            assert all(isinstance(end, Done) for _, end in ends)
            again = submit(worker, model, prompts[0], "afterwards")
            assert (await end_of(again))[0] == alone[0]
        finally:
            worker.stop()

    asyncio.run(go())
