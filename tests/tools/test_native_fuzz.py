"""The fuzzer runs the property tests, counts their inputs, and finds what is wrong."""

import importlib
from pathlib import Path
from typing import Any

import pytest

from pisovereign_native import pooling
from tools import native_fuzz

FOLDER = Path(__file__).resolve().parents[1] / "native"


def find(label: str) -> Any:
    return next(test for name, test, _ in native_fuzz.targets(FOLDER) if name == label)


def test_every_module_is_fuzzed_on_every_kernel() -> None:
    labels = [label for label, _, _ in native_fuzz.targets(FOLDER)]
    for module in ("fusion", "lexical", "pooling", "sampling", "unigram", "vectors", "wordpiece"):
        assert any(label.startswith(f"{module}: ") for label in labels)
    for name in ("vectors", "sampling"):
        for kernel in importlib.import_module(f"pisovereign_native.{name}").kernels():
            assert any(label.startswith(name) and f"[{kernel}]" in label for label in labels)


def test_a_turn_tries_as_many_inputs_as_it_says() -> None:
    assert native_fuzz.take_turn(find("pooling: it_equals_the_oracle"), {}, 1) == native_fuzz.TURN


def test_a_module_that_is_wrong_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("tests.native.test_pooling")
    monkeypatch.setattr(module, "mean_pool", lambda *values: pooling.mean_pool(*values) * 1.001)
    with pytest.raises(AssertionError):
        native_fuzz.take_turn(find("pooling: it_equals_the_oracle"), {}, 1)
