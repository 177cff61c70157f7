from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.engine.compute_settings import ComputeSettings, PinnedSettings
from pisovereign.engine.tuning.search import (
    thread_counts,
    with_layouts,
    with_micro_batches,
    with_threads,
)

START = ComputeSettings(threads=1, batch_threads=1)


@pytest.mark.parametrize(
    ("cores", "counts"),
    [
        (1, [1]),
        (2, [1, 2]),
        (4, [1, 2, 3, 4]),
        (8, [1, 2, 3, 4, 7, 8]),
        (12, [1, 2, 3, 4, 8, 11, 12]),
    ],
)
def test_thread_counts(cores: int, counts: list[int]) -> None:
    assert thread_counts(cores) == counts


@given(st.integers(1, 200))
def test_all_cores_and_all_but_one_are_among_them(cores: int) -> None:
    counts = thread_counts(cores)
    assert {1, cores, max(1, cores - 1)} <= set(counts) <= set(range(1, cores + 1))
    assert len(counts) <= 10


def test_wished_threads_leave_no_choice() -> None:
    start = PinnedSettings(threads=3).apply(START)
    assert with_threads(start, PinnedSettings(threads=3), 4) == [start]


def test_every_layout_can_be_had() -> None:
    made = [(s.flash_attention, s.kv_type) for s in with_layouts(START, PinnedSettings())]
    assert made == [(False, "f16"), (True, "f16"), (True, "q8_0")]


def micro_batches(start: ComputeSettings, largest: int) -> list[int]:
    return [settings.micro_batch for settings in with_micro_batches(start, largest)]


def test_only_micro_batches_that_make_a_difference() -> None:
    assert micro_batches(START, 256) == [256, 128, 64]
    assert micro_batches(START, 128) == [256, 64]
    assert micro_batches(START, 64) == [256]
    small = ComputeSettings(threads=1, batch_threads=1, batch=128, micro_batch=128)
    assert micro_batches(small, 512) == [128, 64]
    large = ComputeSettings(threads=1, batch_threads=1, batch=512)
    assert micro_batches(large, 512) == [256, 128, 64, 512]
