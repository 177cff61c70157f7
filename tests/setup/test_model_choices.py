"""Which models a device is offered."""

from __future__ import annotations

from pathlib import Path

from pisovereign.models.device import Device
from pisovereign.models.store import ModelStore
from pisovereign.setup.model_choices import model_choices

SMALL, GOOD = "smollm2-135m-instruct", "qwen3.5-2b"


def test_every_model_is_offered_and_one_recommended(tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    offered = model_choices(store, Device(int(3.9e9), 10e9), {SMALL})
    assert [model.id for model in offered] == [m.id for m in store.manifest.of_kind("chat")]
    assert [model.id for model in offered if model.recommended] == [GOOD]
    assert {model.id for model in offered if not model.fits} >= {"qwen3.5-4b", "gemma-4-e4b-it"}
    assert [model.id for model in offered if model.on_media] == [SMALL]
    assert {model.state for model in offered} == {"absent"}
