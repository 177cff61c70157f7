"""What one token costs beside the model: the parts of a step, gone through with a recorded answer.

    python -m bench.step_parts FILE
    valgrind --tool=callgrind --dump-before=ffi_call … python -m bench.step_parts FILE --marks

Prints microseconds of CPU for a token by part, as JSON. With `--marks` a function of C is called
before and after each part, so that callgrind counts its instructions apart.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import statistics
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, cast

import msgspec
import uvloop

from bench.recorded_answer import RecordedAnswer
from pisovereign.asgi import sse
from pisovereign.chat.claim_filter import ClaimFilter
from pisovereign.chat.claims import ClaimDetector
from pisovereign.chat.stream_events import event_of
from pisovereign.engine.answer_reader import AnswerReader
from pisovereign.engine.generation import Generation
from pisovereign.engine.jobs import Delta, Done, Event, EventStream, Job
from pisovereign.engine.prefix_reuse import PrefixReuse
from pisovereign.engine.prompt_lookup import MOST, PromptLookup, StepCosts
from pisovereign.engine.repetition import RepetitionGuard
from pisovereign.engine.sampling import Sampler, SamplingParams
from pisovereign.engine.scheduler import Scheduler
from pisovereign.engine.snapshots import Snapshots
from pisovereign.engine.sse_stream import AnswerStream
from pisovereign.engine.worker import Worker
from pisovereign.engine_client.answer_reading import ChunkReader
from pisovereign.engine_client.meter import AnswerRecord
from pisovereign.engine_client.replies import ChunkReply
from pisovereign.engine_client.sse import EventReader
from pisovereign.engine_client.types import Chunk

Part = Callable[[], None]
Parts = dict[str, Part]
STEP = "a step of the worker, all of it"
WAIT = "the wait in the model's place"
# What of it is a part of its own.
OF_STEP = (
    "sampling",
    "detokenizing",
    "repetition",
    "prompt lookup",
    "hand-over to the event loop",
    WAIT,
)
_ROUNDS, _TIMES = 15, 8
_LIMIT_S = 60.0
# As llama.cpp does, the recorded step lets go of the interpreter: the event loop works meanwhile.
_DECODE_S = 0.0005
_MODEL = "smollm2-135m-instruct"


def main(argv: Sequence[str] | None = None) -> int:
    """Go through all parts and print their times."""
    parser = argparse.ArgumentParser(
        prog="bench.step_parts", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("file", type=Path, help="of bench.recorded_answer")
    parser.add_argument("--marks", action="store_true", help="for callgrind")
    args = parser.parse_args(argv)
    answer = RecordedAnswer(args.file)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        parts = all_parts(answer, runner.run)
        for part in parts.values():
            part()
        if args.marks:
            _mark_all(list(parts.values()))
        times = {} if args.marks else {name: _us(part, answer) for name, part in parts.items()}
    sys.stdout.write(msgspec.json.encode(times).decode() + "\n")
    return 0


def _mark_all(parts: Sequence[Part]) -> None:
    # Nothing else calls C by way of libffi from here on, and a library exports its function's name.
    library = ctypes.CDLL(None)
    for part in parts:
        library.getppid()
        for _ in range(_TIMES):
            part()
        library.getppid()


def tokens_of(answer: RecordedAnswer) -> int:
    """Return how many tokens a part goes through between two marks."""
    return _TIMES * len(answer.tokens)


def _us(part: Part, answer: RecordedAnswer) -> float:
    found = []
    for _ in range(_ROUNDS):
        began = time.process_time()
        for _ in range(_TIMES):
            part()
        found.append(1e6 * (time.process_time() - began) / tokens_of(answer))
    return statistics.median(found)


def all_parts(answer: RecordedAnswer, run: Callable[[Coroutine[Any, Any, Any]], Any]) -> Parts:
    """Return the parts by their names; each goes through all tokens of an answer.

    Args:
        answer: the answer.
        run: runs a coroutine on an event loop as the engine has it.
    """
    texts = [piece.decode("utf-8", "replace") for piece in answer.pieces]
    chunks = run(_chunks(texts))
    detector = ClaimDetector()
    return {
        "sampling": lambda: _sample(answer),
        "detokenizing": lambda: _detokenize(answer),
        "repetition": lambda: _repetition(texts),
        "prompt lookup": lambda: _look_up(answer),
        "hand-over to the event loop": lambda: run(_hand_over(texts)),
        WAIT: lambda: _wait(answer),
        STEP: lambda: run(_steps(answer)),
        "engine: event of the stream": lambda: _discard(run(_chunks(texts))),
        "API: reading the engine's stream": lambda: _read(chunks),
        "API: claims, nothing held": lambda: _filter(ClaimFilter(detector, holds=False), texts),
        "API: claims, by the word": lambda: _filter(ClaimFilter(detector, holds=True), texts),
        "API: event of the stream": lambda: _discard([sse.event(*event_of(t)) for t in texts]),
    }


def _sample(answer: RecordedAnswer) -> None:
    sampler = _sampler(answer)
    for row, token in zip(answer.rows, answer.tokens, strict=True):
        sampler.sample(row)
        sampler.accept(token)


def _detokenize(answer: RecordedAnswer) -> None:
    vocab, reader = RecordedVocab(answer), AnswerReader()
    for token in answer.tokens:
        reader.push(vocab.piece(token))


def _repetition(texts: Sequence[str]) -> None:
    guard = RepetitionGuard()
    for text in texts:
        guard.push(text)


def _look_up(answer: RecordedAnswer) -> None:
    lookup, costs = PromptLookup(answer.prompt, repeatable=False), StepCosts()
    costs.observe(1, 0.01)
    for token in answer.tokens:
        lookup.guess(costs, MOST)
        lookup.accept(token)


async def _hand_over(texts: Sequence[str]) -> None:
    loop, events = asyncio.get_running_loop(), EventStream()
    for text in texts:
        loop.call_soon_threadsafe(events.put, Delta(text))
        await events.get(_LIMIT_S)


def _wait(answer: RecordedAnswer) -> None:
    for _ in answer.tokens:
        time.sleep(_DECODE_S)


async def _steps(answer: RecordedAnswer) -> None:
    context = RecordedContext(answer)
    scheduler = Scheduler(slots=1, queue=0, step_tokens=context.batch_size)
    reuse = PrefixReuse(cast(Any, context), scheduler.slots, Snapshots(0))
    costs = StepCosts()
    worker = Worker(cast(Any, context), scheduler, reuse, costs=costs)
    events = EventStream()
    generation = Generation(
        cast(Any, RecordedVocab(answer)),
        _sampler(answer),
        AnswerReader((), RepetitionGuard()),
        max_tokens=len(answer.tokens),
        lookup=PromptLookup(answer.prompt, repeatable=True),
    )
    prompt = list(answer.prompt)
    job = Job(prompt=prompt, shared=0, cache_key="", generation=generation, deliver=events.put)
    worker.start()
    worker.submit(job)
    try:
        while not isinstance(event := await events.get(_LIMIT_S), Done):
            if event is None:
                raise TimeoutError("the worker does not go on")
    finally:
        worker.stop()


async def _chunks(texts: Sequence[str]) -> list[bytes]:
    head = Chunk("chatcmpl-0", 0, _MODEL, [])
    answer = cast(Any, _Told(texts))
    stream = AnswerStream(answer, None, head, include_usage=True, steps=lambda: -1)
    return [piece async for piece in stream]


def _read(chunks: Sequence[bytes]) -> None:
    reader, incoming = ChunkReader(_MODEL, AnswerRecord()), EventReader()
    decoder = msgspec.json.Decoder(ChunkReply)
    for piece in chunks:
        for data in incoming.feed(piece):
            if data != b"[DONE]":
                reader.take(decoder.decode(data))


def _filter(allowed: ClaimFilter, texts: Sequence[str]) -> None:
    for text in texts:
        allowed.feed(text)


def _sampler(answer: RecordedAnswer) -> Sampler:
    return Sampler(SamplingParams(temperature=0.7, top_p=0.9, seed=1), answer.prompt)


def _discard(_: object) -> None:
    """Take what a part makes."""


class RecordedVocab:
    """The vocabulary, as far as the answer needs it."""

    def __init__(self, answer: RecordedAnswer) -> None:
        self._pieces = dict(zip(answer.tokens, answer.pieces, strict=True))

    def piece(self, token: int) -> bytes:
        """Return a token's bytes, which `Vocab` looks up in the same way."""
        return self._pieces[token]

    def ends_answer(self, token: int) -> bool:
        """Return whether the answer ends with it."""
        return False


class RecordedContext:
    """A context that computes nothing: it returns what the model gave before."""

    can_truncate = True
    sequences = 1
    length = 512
    batch_size = 256

    def __init__(self, answer: RecordedAnswer) -> None:
        self._rows = iter(answer.rows)

    def decode(self, entries: Sequence[Any]) -> list[Any]:
        """Return the next rows."""
        time.sleep(_DECODE_S)
        return [next(self._rows) for entry in entries for _ in range(entry.sample)]

    def truncate(self, seq: int, length: int) -> bool:
        """Forget nothing, successfully."""
        return True

    def abort(self) -> None:
        """Stop nothing."""

    def clear_abort(self) -> None:
        """Stop nothing."""


class _Told:
    """An answer whose text is known."""

    expected = None

    def __init__(self, texts: Sequence[str]) -> None:
        self._events: list[Event] = [Delta(text) for text in reversed(texts)]
        self._done = Done("stop", 0, len(texts), 0)

    async def next(self, timeout_s: float) -> Event | None:
        """Return the next event."""
        return self._events.pop() if self._events else self._done

    def close(self) -> None:
        """Stop nothing."""


if __name__ == "__main__":
    sys.exit(main())
