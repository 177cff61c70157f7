"""Which model a device should have."""

from __future__ import annotations

import msgspec
import pytest

from pisovereign.models.device import Device, memory_bandwidth
from pisovereign.models.manifest import load_manifest
from pisovereign.models.recommendation import (
    fits,
    memory_needed,
    recommend,
    speed,
)

MODELS = load_manifest().models
PI5, PI4 = 10e9, 4e9


@pytest.mark.parametrize(
    ("gigabytes", "bandwidth", "wanted"),
    [
        (0.5, PI5, None),
        (0.95, PI5, "smollm2-135m-instruct"),
        (1.95, PI4, "llama3.2-1b-instruct"),
        (3.9, PI5, "qwen3.5-2b"),
        (3.9, PI4, "llama3.2-1b-instruct"),
        (8.2, PI5, "qwen3.5-2b"),
        (16.6, PI5, "qwen3.5-2b"),
        (8.2, 30e9, "qwen3.5-4b"),
        (8.2, None, "qwen3.5-4b"),
    ],
)
def test_by_memory_and_speed(gigabytes: float, bandwidth: float | None, wanted: str | None) -> None:
    chosen = recommend(MODELS, Device(int(gigabytes * 1e9), bandwidth))
    assert (chosen.id if chosen else None) == wanted


@pytest.mark.parametrize("gigabytes", [1.95, 3.9, 8.2, 64])
def test_the_smoke_test_is_recommended_only_where_nothing_else_fits(gigabytes: float) -> None:
    chosen = recommend(MODELS, Device(int(gigabytes * 1e9), 1e9))
    assert chosen is not None
    assert not chosen.smoke_test


def test_a_mixture_of_experts_is_as_fast_as_what_it_reads() -> None:
    model = load_manifest().get("qwen3-30b-a3b-instruct-2507")
    assert speed(model, PI5) == pytest.approx(8.0)
    assert speed(msgspec.structs.replace(model, active_bytes=None), PI5) < 1


def test_a_model_without_a_number_is_taken_for_its_file_and_more() -> None:
    model = msgspec.structs.replace(load_manifest().get("qwen3.5-2b"), memory=None)
    assert 1.1 * model.size < memory_needed(model) < 2 * model.size
    assert fits(model, int(3.9e9))


def test_memory_is_measured() -> None:
    assert 1e8 < memory_bandwidth() < 1e13
