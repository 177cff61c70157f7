"""The search with a measuring function that is made up."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Sequence
from typing import get_args

import msgspec
from hypothesis import assume, given
from hypothesis import strategies as st

from pisovereign.engine.compute_settings import ComputeSettings, EngineChoice, PinnedSettings
from pisovereign.engine.tuning.search import (
    Found,
    OutOfTime,
    Search,
    StageName,
    Unusable,
)
from pisovereign.engine.tuning.trials import (
    ACTIVE_MARGIN,
    MARGIN,
    Q8_0_MARGIN,
    UNIFIED_MARGIN,
    Sample,
)
from pisovereign.engine.tuning.workload import MIX, PARTS, SINGLE, Part, cost

OPEN = PinnedSettings()
START = ComputeSettings(threads=1, batch_threads=1)
STAGES: Sequence[StageName] = get_args(StageName)
Factor = Callable[[ComputeSettings, Part], float]


@dataclasses.dataclass
class FakeBoard:
    """Takes as long as `factor` says, give or take `noise`; counts what it was asked."""

    factor: Factor
    noise: float = 0.0
    samples: int = 10_000
    asked: list[ComputeSettings] = dataclasses.field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(5)

    def __call__(self, choice: EngineChoice, parts: Sequence[Part]) -> Sample:
        if len(self.asked) >= self.samples:
            raise OutOfTime
        settings = choice.settings
        self.asked.append(settings)
        return Sample({part: self.exact(settings, part) * self._noise() for part in parts})

    def exact(self, settings: ComputeSettings, part: Part) -> float:
        return self.factor(settings, part) / MIX[part]

    def cost(self, settings: ComputeSettings) -> float:
        return cost({part: self.exact(settings, part) for part in PARTS})

    def _noise(self) -> float:
        return 1 + self.random.uniform(-self.noise, self.noise)


def search(
    board: FakeBoard, wishes: PinnedSettings = OPEN, cores: int = 4, start: ComputeSettings = START
) -> Found:
    return Search(board, wishes, cores=cores, most_read=256).run(passive(start), STAGES)


def passive(settings: ComputeSettings) -> EngineChoice:
    return EngineChoice(settings=settings, wait_policy="passive")


def changed(settings: ComputeSettings = START, **changes: object) -> ComputeSettings:
    return msgspec.structs.replace(settings, **changes)


def test_the_start_stays_where_nothing_is_faster() -> None:
    board = FakeBoard(lambda _settings, _part: 1.0, noise=0.01)
    found = search(board)
    assert found.choice.settings == START
    assert found.complete
    assert found.cost is not None
    assert abs(found.cost - board.cost(START)) < 0.05


def test_threads_are_chosen_apart_for_single_tokens_and_for_the_rest() -> None:
    def factor(settings: ComputeSettings, part: Part) -> float:
        if part in SINGLE:
            return 1.0 + 0.2 * settings.threads
        return 4.0 / settings.batch_threads

    found = search(FakeBoard(factor, noise=0.01))
    assert (found.choice.settings.threads, found.choice.settings.batch_threads) == (1, 4)


def test_every_dimension_is_found() -> None:
    best = changed(threads=3, batch_threads=3, flash_attention=True, micro_batch=64)

    def factor(settings: ComputeSettings, part: Part) -> float:
        slow = 1.0 + 0.3 * abs(settings.threads - 3) + 0.4 * (not settings.flash_attention)
        slow += 0.2 * settings.kv_unified + 0.2 * (settings.kv_type == "q8_0")
        return slow + (settings.micro_batch / 500 if part == "reading" else 0)

    found = search(FakeBoard(factor, noise=0.01))
    assert found.choice.settings == best


@given(gain=st.floats(0.0, 0.3))
def test_a_candidate_has_to_win_by_the_margin(gain: float) -> None:
    assume(abs(gain - MARGIN) > 1e-6)
    found = search(FakeBoard(lambda s, _: 1.0 - gain * (s.threads == 2)), cores=2)
    assert (found.choice.settings.threads == 2) == (gain > MARGIN)


@given(gain=st.floats(0.0, 0.3))
def test_one_buffer_has_to_save_more(gain: float) -> None:
    assume(abs(gain - UNIFIED_MARGIN) > 1e-6)
    found = search(FakeBoard(lambda s, _: 1.0 - gain * s.kv_unified))
    assert found.choice.settings.kv_unified == (gain > UNIFIED_MARGIN)


@given(gain=st.floats(0.0, 0.3), flash=st.floats(-0.3, 0.3))
def test_a_rounded_cache_has_to_save_a_tenth(gain: float, flash: float) -> None:
    """Against the better one of the two kinds of attention, where they differ by the margin."""
    exact, rounded = 1.0 - flash, (1.0 - flash) * (1.0 - gain)
    kept = exact if exact < 1.0 - MARGIN else 1.0
    assume(abs(rounded - kept * (1 - Q8_0_MARGIN)) > 1e-6)
    assume(abs(flash - MARGIN) > 1e-6)

    def factor(settings: ComputeSettings, _part: Part) -> float:
        if settings.kv_type == "q8_0":
            return rounded
        return exact if settings.flash_attention else 1.0

    found = search(FakeBoard(factor))
    assert (found.choice.settings.kv_type == "q8_0") == (rounded < kept * (1 - Q8_0_MARGIN))


WISHES = st.builds(
    PinnedSettings,
    threads=st.none() | st.integers(1, 4),
    flash_attention=st.sampled_from([None, True]),
    kv_type=st.sampled_from([None, "f16", "q8_0"]),
    kv_unified=st.sampled_from([None, True, False]),
    batch=st.sampled_from([None, 128, 512]),
)


@given(wishes=WISHES, seed=st.integers(0, 1000))
def test_what_is_decided_is_never_tried_otherwise(wishes: PinnedSettings, seed: int) -> None:
    speeds = random.Random(seed)
    board = FakeBoard(lambda s, p: random.Random(f"{hash(s)} {seed}").uniform(0.5, 2), noise=0.02)
    board.random = speeds
    found = search(board, wishes, start=wishes.apply(START))
    for settings in (*board.asked, found.choice.settings):
        assert wishes.apply(settings) == settings


@given(samples=st.integers(0, 60), seed=st.integers(0, 1000))
def test_it_ends_whenever_the_time_is_over(samples: int, seed: int) -> None:
    """What is chosen is the start, or was measured to be faster."""

    def factor(settings: ComputeSettings, _part: Part) -> float:
        key = (settings.flash_attention, settings.kv_type, settings.kv_unified, settings.threads)
        return random.Random(f"{key} {seed}").uniform(0.5, 2)

    board = FakeBoard(factor, samples=samples)
    found = search(board)
    assert len(board.asked) <= samples
    assert found.complete or len(board.asked) == samples
    if found.choice.settings != START:
        assert board.cost(found.choice.settings) < board.cost(START)
        assert found.choice.settings in board.asked


def test_no_time_at_all_leaves_the_start() -> None:
    found = search(FakeBoard(lambda s, _: 1.0, samples=0))
    assert found.choice.settings == START
    assert found.cost is None
    assert not found.complete


def test_in_a_hurry_everything_is_measured_once_and_needs_twice_the_margin() -> None:
    board = FakeBoard(lambda s, _: 1.0 - 1.5 * MARGIN * (s.threads == 2))
    hurried = Search(board, PinnedSettings(), cores=2, most_read=256, hurry=lambda: True)
    found = hurried.run(passive(START), STAGES)
    assert found.choice.settings.threads == 1
    for stage in (stage for stage in found.stages if stage.name != "micro_batch"):
        assert all(len(v) == 1 for trial in stage.trials for v in trial.samples.values())
    assert search(FakeBoard(board.factor), cores=2).choice.settings.threads == 2


def test_settings_that_cannot_be_used_are_told_and_left() -> None:
    def measure(choice: EngineChoice, parts: Sequence[Part]) -> Sample:
        if choice.settings.flash_attention:
            raise Unusable("heads of 7")
        return Sample(dict.fromkeys(parts, 1.0))

    found = Search(measure, PinnedSettings(), cores=1, most_read=256).run(passive(START), STAGES)
    assert found.choice.settings == START
    failures = [trial.failure for stage in found.stages for trial in stage.trials]
    assert "heads of 7" in failures


def test_a_start_that_cannot_be_used_is_left() -> None:
    def measure(choice: EngineChoice, parts: Sequence[Part]) -> Sample:
        if not choice.settings.flash_attention:
            raise Unusable("only with flash attention")
        return Sample(dict.fromkeys(parts, 1.0))

    found = Search(measure, PinnedSettings(), cores=1, most_read=256).run(passive(START), STAGES)
    assert found.choice.settings.flash_attention


def test_hopeless_candidates_are_not_repeated() -> None:
    board = FakeBoard(lambda s, _: 1.0 + s.flash_attention + s.kv_unified)
    found = search(board, cores=1)
    layout = next(stage for stage in found.stages if stage.name == "layout")
    runs = {t.settings.flash_attention: len(t.samples["reading"]) for t in layout.trials}
    assert runs[True] == 1


def test_one_busy_moment_does_not_decide() -> None:
    """The sample in which a rival looks fast, or the start slow, is outvoted."""
    calls = 0

    def measure(choice: EngineChoice, parts: Sequence[Part]) -> Sample:
        nonlocal calls
        calls += 1
        slow = 1.1 if calls == 1 else 1.0
        return Sample(dict.fromkeys(parts, slow))

    found = Search(measure, PinnedSettings(threads=1), cores=1, most_read=256).run(
        passive(START), ["layout"]
    )
    assert found.choice.settings == START


@given(gain=st.floats(0.0, 0.3))
def test_threads_that_look_around_have_to_save_more(gain: float) -> None:
    assume(abs(gain - ACTIVE_MARGIN) > 1e-6)

    def measure(choice: EngineChoice, parts: Sequence[Part]) -> Sample:
        slow = {"passive": 1.5, "active": 1 - gain}[choice.wait_policy]
        seconds = slow if choice.settings.threads == 2 else 1.0
        return Sample(dict.fromkeys(parts, seconds))

    search = Search(
        measure, PinnedSettings(), cores=2, most_read=256, policies=("passive", "active")
    )
    chosen = search.run(passive(START), STAGES).choice
    expected = ("active", 2) if gain > ACTIVE_MARGIN else ("passive", 1)
    assert (chosen.wait_policy, chosen.settings.threads) == expected


def test_what_was_decided_early_is_looked_at_again_with_all_the_rest() -> None:
    """One thread is best without flash attention, and two are with it."""

    def factor(settings: ComputeSettings, _part: Part) -> float:
        if settings.flash_attention:
            return 0.9 if settings.threads == 1 else 0.5
        return 1.0 if settings.threads == 1 else 1.2

    found = search(FakeBoard(factor, noise=0.01), cores=2)
    assert found.choice.settings == changed(threads=2, batch_threads=2, flash_attention=True)
