"""Conversations with models whose sequences cannot be cut: what is computed again, and what is not.

With tiny random models of each architecture, on the real worker.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from pisovereign.engine.answer_reader import AnswerReader
from pisovereign.engine.compute_settings import ComputeSettings
from pisovereign.engine.generation import Generation
from pisovereign.engine.jobs import Delta, Done, EventStream, Job
from pisovereign.engine.llama import Context, Model
from pisovereign.engine.prefix_reuse import PrefixReuse
from pisovereign.engine.sampling import Sampler, SamplingParams
from pisovereign.engine.scheduler import Scheduler
from pisovereign.engine.sequences import Slot
from pisovereign.engine.snapshots import Snapshots
from pisovereign.engine.worker import Worker
from pisovereign.engine_client.types import FunctionCall, FunctionSpec, Message, Tool, ToolCall
from tests.engine.support import MODEL as MODEL_NAME
from tests.engine.support import PUBLIC_PROMPT, EngineProcess, public_prompt_hash, until
from tests.engine.test_saved_prompt import first_turn
from tests.support.tiny_models import TINY, write_tiny

SETTINGS = ComputeSettings(threads=1, batch_threads=1, batch=64, micro_batch=64)
RANDOM = np.random.default_rng(5)
SYSTEM: list[int] = RANDOM.integers(0, 256, 200).tolist()
ANSWER = 30


def on_a_loop(test: Callable[[Model], Awaitable[None]]) -> Callable[[Model], None]:
    """Run a test on an event loop of its own."""

    @functools.wraps(test)
    def run(model: Model) -> None:
        async def go() -> None:
            await test(model)

        asyncio.run(go())

    return run


def words(number: int) -> list[int]:
    return [int(token) for token in RANDOM.integers(0, 256, number)]


@pytest.fixture(scope="module", params=list(TINY))
def model(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Model]:
    loaded = Model(write_tiny(tmp_path_factory.mktemp("tiny") / "model.gguf", request.param))
    yield loaded
    loaded.close()


class Bench:
    """An engine without its HTTP."""

    def __init__(self, model: Model, *, slots: int = 2, cache_bytes: int = 1 << 24) -> None:
        self.model = model
        self.context = Context(model, length=2048, sequences=slots, settings=SETTINGS)
        self.scheduler = Scheduler(slots=slots, queue=8, step_tokens=64)
        self.snapshots = Snapshots(cache_bytes)
        self.reuse = PrefixReuse(self.context, self.scheduler.slots, self.snapshots)
        self.worker = Worker(self.context, self.scheduler, self.reuse)

    def submit(
        self,
        key: str,
        prompt: list[int],
        *,
        shared: int = 0,
        stable: int = 0,
        front: int = 0,
        low: bool = False,
    ) -> tuple[Job, EventStream]:
        events = EventStream()
        sampler = Sampler(SamplingParams(temperature=0.0), prompt, None)
        generation = Generation(self.model.vocab, sampler, AnswerReader(), max_tokens=ANSWER)
        job = Job(prompt, shared, key, generation, events.put, low, stable, front)
        self.worker.submit(job)
        return job, events

    async def turn(
        self, key: str, prompt: list[int], *, shared: int = 0, stable: int = 0, front: int = 0
    ) -> int:
        """Have a prompt answered; returns how many tokens of it were reused."""
        job, events = self.submit(key, prompt, shared=shared, stable=stable, front=front)
        await finished(events)
        return job.cached_tokens

    def slot_with(self, prompt: list[int]) -> Slot:
        return next(s for s in self.scheduler.slots if s.resident[: len(prompt)] == prompt)


async def finished(events: EventStream) -> str:
    """Wait for the end of an answer, and return it."""
    text = ""
    while True:
        event = await events.get(60)
        match event:
            case Delta(more):
                text += more
            case Done():
                return text
            case _:
                raise AssertionError(event)


@contextlib.asynccontextmanager
async def bench_of(
    model: Model, slots: int = 2, cache_bytes: int = 1 << 24
) -> AsyncIterator[Bench]:
    bench = Bench(model, slots=slots, cache_bytes=cache_bytes)
    bench.worker.start()
    try:
        yield bench
    finally:
        bench.worker.stop()
        bench.context.close()


@on_a_loop
async def test_ten_turns_compute_only_what_is_new(model: Model) -> None:
    async with bench_of(model) as bench:
        prompt = SYSTEM + words(40)
        await bench.turn("alice", prompt, shared=len(SYSTEM))
        for _ in range(2, 11):
            before = list(bench.slot_with(prompt).resident)
            prompt = before + words(40)
            cached = await bench.turn("alice", prompt, shared=len(SYSTEM))
            assert cached >= 0.95 * len(before)


@on_a_loop
async def test_so_do_turns_whose_answers_were_changed(model: Model) -> None:
    """As sentences that claim too much are, and thoughts, which are not sent again."""
    async with bench_of(model) as bench:
        marks = words(5)
        history = SYSTEM + words(40)
        await bench.turn("alice", history + marks, shared=len(SYSTEM), stable=len(history))
        for _ in range(2, 11):
            before, history = history, history + words(70)
            stable = len(history)
            cached = await bench.turn("alice", history + marks, shared=len(SYSTEM), stable=stable)
            assert cached >= 0.95 * len(before)


@on_a_loop
async def test_the_same_question_again_is_not_read_again(model: Model) -> None:
    async with bench_of(model) as bench:
        prompt = SYSTEM + words(200)
        await bench.turn("alice", prompt)
        assert await bench.turn("alice", prompt) >= 0.95 * len(prompt)


@on_a_loop
async def test_what_is_reused_gives_the_answer_of_a_cold_run(model: Model) -> None:
    async with bench_of(model) as bench, bench_of(model, cache_bytes=0) as cold:
        first, marks = SYSTEM + words(60), words(4)
        await bench.turn("alice", first + marks, shared=len(SYSTEM), stable=len(first))
        second = first + words(80)
        assert await bench.turn("alice", second, shared=len(SYSTEM)) >= len(first)
        assert await cold.turn("alice", second) == 0
        warm_slot, cold_slot = bench.slot_with(second), cold.slot_with(second)
        assert warm_slot.resident == cold_slot.resident


@on_a_loop
async def test_the_system_prompt_is_computed_once_for_everybody(model: Model) -> None:
    async with bench_of(model) as bench:
        await bench.turn("alice", SYSTEM + words(40), shared=len(SYSTEM))
        assert await bench.turn("bob", SYSTEM + words(40), shared=len(SYSTEM)) == len(SYSTEM)


@on_a_loop
async def test_nobody_learns_what_others_wrote(model: Model) -> None:
    async with bench_of(model) as bench:
        prompt = SYSTEM + words(100)
        await bench.turn("alice", prompt, shared=len(SYSTEM), stable=len(SYSTEM) + 60)
        assert await bench.turn("bob", prompt, shared=len(SYSTEM)) == len(SYSTEM)
        assert await bench.turn("carol", prompt) == 0
        assert await bench.turn("bob", prompt, shared=len(SYSTEM)) > len(SYSTEM), "it is his now"


@on_a_loop
async def test_a_front_of_ones_own_is_read_once_for_all_conversations(model: Model) -> None:
    """What a program sends with each question, however long the conversations before were."""
    async with bench_of(model, slots=1) as bench:
        front = words(400)
        for conversation in range(3):
            prompt = front + words(40)
            for turn in range(4):
                cached = await bench.turn("house", prompt, front=len(front))
                assert turn + conversation == 0 or cached >= len(front)
                prompt = bench.slot_with(prompt).resident + words(40)
            # Somebody else takes the only place.
            await bench.turn("guest", words(100))
        assert await bench.turn("guest", front + words(40), front=len(front)) == 0


@on_a_loop
async def test_conversations_come_back_after_others_took_their_place(model: Model) -> None:
    async with bench_of(model, slots=1) as bench:
        prompts = {key: words(150) for key in ("alice", "bob")}
        for turn in range(4):
            for key, prompt in prompts.items():
                cached = await bench.turn(key, prompt)
                assert turn == 0 or cached >= 0.95 * (len(prompt) - 40)
                prompts[key] = bench.slot_with(prompt).resident + words(40 - ANSWER)


@on_a_loop
async def test_a_prompt_that_was_broken_off_goes_on_where_it_was(model: Model) -> None:
    """A task's prompt is read in pieces, and gives way to a question."""
    async with bench_of(model, slots=3) as bench, bench_of(model, cache_bytes=0) as cold:
        prompt = words(1200)
        task, events = bench.submit("task", prompt, low=True)
        for number in range(8):
            await until(lambda n=number: _has_read(bench, task, 100 * n))  # type: ignore[misc]
            await bench.turn(f"person {number}", words(30))
        answer = await finished(events)
        assert answer == await finished(cold.submit("task", prompt)[1])
        read = bench.worker.totals.prefill.tokens
        assert read <= 1200 + 8 * 30 + 64, "next to nothing was read twice"


async def _has_read(bench: Bench, job: Job, tokens: int) -> bool:
    if not job.started:
        return False
    slot = next((slot for slot in bench.scheduler.slots if slot.job is job), None)
    return slot is None or len(slot.resident) >= tokens


@on_a_loop
async def test_a_client_that_leaves_loses_only_the_piece_being_read(model: Model) -> None:
    async with bench_of(model) as bench:
        prompt = words(1500)
        job, _ = bench.submit("alice", prompt)
        await until(lambda: _has_read(bench, job, 600))
        bench.worker.cancel(job)
        assert await bench.turn("alice", prompt) >= 500


@on_a_loop
async def test_checkpoints_stay_within_the_budget(model: Model) -> None:
    for limit in (0, 5_000, 60_000, 200_000):
        async with bench_of(model, slots=3, cache_bytes=limit) as bench:
            for number in range(6):
                await bench.turn(f"person {number}", SYSTEM + words(80), shared=len(SYSTEM))
                assert bench.snapshots.bytes + bench.snapshots.reserved <= limit


def test_turns_over_http_with_answers_that_were_changed(tmp_path: Path) -> None:
    (tmp_path / MODEL_NAME).mkdir()
    write_tiny(tmp_path / MODEL_NAME / "model.gguf", "qwen35")
    engine = EngineProcess(tmp_path)
    messages, before = [Message("system", "You are brief. " * 10)], 0
    try:
        for number in range(5):
            messages.append(Message("user", f"Question {number}: " + "why is it so? " * 5))
            _, end = engine.chat("", messages=messages, prompt_cache_key="alice", max_tokens=20)
            details = end.usage.prompt_tokens_details
            assert details is not None
            assert details.cached_tokens >= 0.95 * before
            # Without the 11 tokens that invite the answer.
            before = end.usage.prompt_tokens - 11
            messages.append(Message("assistant", "Because."))
    finally:
        engine.stop()


@pytest.mark.parametrize("name", ["lfm2", "llama"])
def test_turns_with_tools_share_their_front_and_nothing_else(tmp_path: Path, name: str) -> None:
    (tmp_path / MODEL_NAME).mkdir()
    write_tiny(tmp_path / MODEL_NAME / "model.gguf", name)
    engine = EngineProcess(tmp_path, f"--public-prompt={public_prompt_hash()}")
    place = {"type": "object", "properties": {"place": {"type": "string"}}}
    tools = [Tool(FunctionSpec(each, "At a place.", place)) for each in ("weather", "time")]
    call = ToolCall("abcdefghi", FunctionCall("weather", '{"place": "Rome"}'))
    messages, before = [Message("system", PUBLIC_PROMPT)], 0

    def asked(key: str, system: str = PUBLIC_PROMPT, *, public: bool = True) -> tuple[int, int]:
        _, end = engine.chat(
            "", messages=[Message("system", system), *messages[1:]], tools=tools,
            prompt_cache_key=key, public_tools=public, max_tokens=8,
        )  # fmt: skip
        details = end.usage.prompt_tokens_details
        assert details is not None
        return end.usage.prompt_tokens, details.cached_tokens

    try:
        for number in range(3):
            messages.append(Message("user", f"Question {number}: is it warm there?"))
            for more in (
                [],
                [
                    Message("assistant", "", tool_calls=[call]),
                    Message("tool", "It is 20 degrees.", tool_call_id=call.id, name="weather"),
                ],
            ):
                messages += more
                prompt, cached = asked("alice")
                assert cached >= 0.95 * before
                before = prompt
            messages.append(Message("assistant", "It is."))
        copied = asked("bob")[1]
        assert asked("dave", public=False)[1] == 0
        assert asked("erin", "You are short.")[1] == 0
        messages[1:] = [Message("user", "Something else.")]
        assert asked("carol")[1] == copied > 100, "the front, whatever else is the same"
    finally:
        engine.stop()


@pytest.mark.parametrize("name", ["qwen35", "lfm2"])
def test_instructions_and_tools_of_a_program_are_read_once(tmp_path: Path, name: str) -> None:
    """As a home's controller sends them with each question, mostly in a conversation of its own."""
    (tmp_path / MODEL_NAME).mkdir()
    write_tiny(tmp_path / MODEL_NAME / "model.gguf", name)
    engine = EngineProcess(tmp_path)
    place = {"type": "object", "properties": {"place": {"type": "string"}}}
    tools = [Tool(FunctionSpec(f"tool_{n}", "Switches something.", place)) for n in range(3)]
    system = Message("system", "You speak for a house. " * 12)
    try:
        for number in range(4):
            question = Message("user", f"Question {number}: is it warm there?")
            _, end = engine.chat(
                "", messages=[system, question], tools=tools, prompt_cache_key="h", max_tokens=4
            )
            details = end.usage.prompt_tokens_details
            assert details is not None
            # But for the question, and what invites the answer.
            assert number == 0 or details.cached_tokens >= end.usage.prompt_tokens - 80
            assert end.usage.prompt_tokens > 500
    finally:
        engine.stop()


@pytest.mark.parametrize("name", ["qwen35", "lfm2", "granitehybrid", "gemma3"])
def test_the_first_turn_after_a_restart_finds_the_prompt(tmp_path: Path, name: str) -> None:
    models, state = tmp_path / "models", tmp_path / "state"
    (models / MODEL_NAME).mkdir(parents=True)
    state.mkdir()
    write_tiny(models / MODEL_NAME / "model.gguf", name)
    found = []
    for user in ("alice", "bob"):
        engine = EngineProcess(
            models,
            f"--state-dir={state}",
            f"--model-identity={name}",
            f"--public-prompt={public_prompt_hash()}",
        )
        try:
            found.append(first_turn(engine, user, "Who wrote Faust?"))
        finally:
            engine.stop()
    (cold, none), (warm, cached) = found
    assert (cold, none) == (warm, 0)
    assert cached >= len("You are brief.") + 4
