"""Measuring: a model, one context at a time, and the states of conversations."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np

from pisovereign.engine.compute_settings import ComputeSettings
from pisovereign.engine.errors import ModelError
from pisovereign.engine.llama import Context, DecodeFailed, Entry, Model
from pisovereign.engine.sequences import State
from pisovereign.engine.tuning.background_load import SHARE
from pisovereign.engine.tuning.disturbance import look, others_share
from pisovereign.engine.tuning.questions import Answer, Question
from pisovereign.engine.tuning.search import Unusable
from pisovereign.engine.tuning.workload import Part, Speed, Timings, Workload

_PROBE_TOKENS, _PROBE_STEPS = 64, 2


class Benchmark:
    """Measures settings on a model.

    Filling a KV cache takes most of the time, so its state is kept for each form that states have:
    without flash attention values are kept the other way round, and one buffer has another layout
    than several. Where sequences cannot be cut, there is a state for each length as well.

    Args:
        model: the model.
        sequences: how many sequences "all" are.
    """

    def __init__(self, model: Model, *, sequences: int) -> None:
        self._model = model
        self._sequences = sequences
        # Which tokens they are makes no difference to the time.
        tokens = np.random.default_rng(1).integers(0, model.vocab.size, 4096)
        self._tokens: list[int] = tokens.tolist()
        self._states: dict[object, State] = {}
        self._form: object = None
        self._context: Context | None = None
        self._opened: object = None

    def probe(self, settings: ComputeSettings) -> Speed:
        """Measure very little, to know how much can be measured."""
        context = self._open(settings, _PROBE_TOKENS + _PROBE_STEPS)
        try:
            self._read(context, 0, 2)  # touches the weights for the first time
            self._cut(context, 0, 0)
            token = self._read(context, 0, _PROBE_TOKENS) / _PROBE_TOKENS
            one = self._write(context, 1, _PROBE_TOKENS, _PROBE_STEPS)
            self._cut(context, 0, _PROBE_TOKENS)
            for seq in range(1, self._sequences):
                self._check(context.restore(seq, context.save(0)))
            every = self._write(context, self._sequences, _PROBE_TOKENS, _PROBE_STEPS)
        finally:
            self.close()
        return Speed(token, one, every)

    def measure(self, size: Workload, settings: ComputeSettings, parts: Sequence[Part]) -> Timings:
        """Measure seconds for a token or a step of each of the parts.

        Raises:
            Unusable: the model cannot be computed so.
        """
        context = self._open(settings, size.length)
        context.set_threads(settings.threads, settings.batch_threads)
        try:
            return self._sample(context, size, settings, parts)
        except DecodeFailed as error:
            self.close()
            raise Unusable(str(error)) from error

    def close(self) -> None:
        """Close the context; the model stays the caller's."""
        if self._context is not None:
            self._context.close()
        self._context = self._opened = None

    def _open(self, settings: ComputeSettings, length: int) -> Context:
        """Open a context with these settings, or use the open one if it has them."""
        # What threads compute can change at any time, all else only with a new context.
        key = (length, msgspec.structs.replace(settings, threads=1, batch_threads=1))
        if self._context is None or self._opened != key:
            self.close()
            sequences = self._sequences
            try:
                self._context = Context(
                    self._model, length=length, sequences=sequences, settings=settings
                )
            except ModelError as error:
                raise Unusable(str(error)) from error
            self._opened = key
        return self._context

    def _sample(
        self, context: Context, size: Workload, settings: ComputeSettings, parts: Sequence[Part]
    ) -> Timings:
        found: dict[Part, float] = {}
        form = (size, settings.kv_type, settings.flash_attention, settings.kv_unified)
        self._form = form
        read = size.wide if tuple(parts) == ("reading",) else size.read
        start = size.context - read
        if form in self._states and "reading" in parts:
            self._check(context.restore(0, self._states[form]))
            self._cut(context, 0, start)
        elif form not in self._states:
            self._read(context, 0, start)
        if form not in self._states or "reading" in parts:
            found["reading"] = self._read(context, start, size.context) / read
        if form not in self._states:
            self._states[form] = context.save(0)
        if len(parts) > len(found):
            for seq in range(self._sequences):
                self._check(context.restore(seq, self._states[form]))
            found |= self._writing(context, size, parts)
        for seq in range(self._sequences):
            self._cut(context, seq, 0)
        return found

    def _writing(
        self, context: Context, size: Workload, parts: Sequence[Part]
    ) -> dict[Part, float]:
        """Measure the parts that write; long contexts come first, then they are cut."""
        plan: tuple[tuple[Part, int, int], ...] = (
            ("all_long", self._sequences, size.context),
            ("one_long", 1, size.context),
            ("all_short", self._sequences, size.short),
            ("one_short", 1, size.short),
        )
        found: dict[Part, float] = {}
        for part, sequences, length in plan:
            for seq in range(self._sequences):
                self._cut(context, seq, length)
            if part in parts:
                found[part] = self._write(context, sequences, length, size.steps)
        return found

    def _read(self, context: Context, start: int, end: int, seq: int = 0) -> float:
        """Measure seconds to read tokens into a sequence."""
        began = time.perf_counter()
        for at in range(start, end, context.batch_size):
            stop = min(end, at + context.batch_size)
            context.decode([Entry(seq, at, self._tokens[at:stop], sample=stop == end)])
        return time.perf_counter() - began

    def _write(self, context: Context, sequences: int, start: int, steps: int) -> float:
        """Measure the median seconds of a step that adds a token to each of the first sequences."""
        times: list[float] = []
        for step in range(steps):
            at = start + step
            entries = [
                Entry(seq, at, [self._tokens[at + seq]], sample=True) for seq in range(sequences)
            ]
            began = time.perf_counter()
            context.decode(entries)
            times.append(time.perf_counter() - began)
        return statistics.median(times)

    def _cut(self, context: Context, seq: int, length: int) -> None:
        """Leave the first tokens of a sequence, or put them there again if it cannot be cut."""
        if context.truncate(seq, length):
            return
        self._check(context.truncate(seq, 0))
        state = self._states.get((self._form, length))
        if state is not None:
            self._check(context.restore(seq, state))
            return
        self._read(context, 0, length, seq)
        self._states[self._form, length] = context.save(seq)

    @staticmethod
    def _check(done: bool) -> None:
        if not done:
            raise Unusable("sequences of this model cannot be copied")


def answers(model_file: Path, sequences: int, lines: Iterable[bytes]) -> Iterator[Answer]:
    """Load a model, and answer a question for each line.

    Args:
        model_file: the model.
        sequences: how many sequences "all" are.
        lines: a `Question` each.

    Raises:
        ModelError: the model cannot be used.
    """
    model = Model(model_file)
    benchmark = Benchmark(model, sequences=sequences)
    try:
        yield Answer(file_type=model.file_type)
        for line in lines:
            yield _answer(benchmark, msgspec.json.decode(line, type=Question))
    finally:
        benchmark.close()
        model.close()


def _answer(benchmark: Benchmark, question: Question) -> Answer:
    try:
        if question.workload is None:
            return Answer(speed=benchmark.probe(question.settings))
        before = look()
        timings = benchmark.measure(question.workload, question.settings, question.parts)
        others = others_share(before, look(), known=SHARE)
    except Unusable as error:
        return Answer(failure=str(error))
    return Answer(timings=dict(timings), others=round(others, 3))
