"""Which models a device is offered."""

from __future__ import annotations

from pathlib import Path

import pytest

from pisovereign.models.store import ModelStore
from pisovereign.setup.model_choices import model_choices

SMALL, MIDDLE, LARGE = "smollm2-135m-instruct", "llama3.2-1b-instruct", "qwen2.5-1.5b-instruct"


@pytest.mark.parametrize(
    ("gigabytes", "fitting", "recommended"),
    [
        (0.5, set(), None),
        (0.95, {SMALL}, SMALL),
        (1.85, {SMALL, MIDDLE}, MIDDLE),
        (3.9, {SMALL, MIDDLE, LARGE}, LARGE),
    ],
)
def test_the_largest_that_fits_is_recommended(
    tmp_path: Path, gigabytes: float, fitting: set[str], recommended: str | None
) -> None:
    offered = model_choices(ModelStore(tmp_path), int(gigabytes * 1e9), {MIDDLE})
    assert {model.id for model in offered} == {SMALL, MIDDLE, LARGE}
    assert {model.id for model in offered if model.fits} == fitting
    assert [model.id for model in offered if model.recommended] == [recommended] * bool(fitting)
    assert [model.id for model in offered if model.on_media] == [MIDDLE]
    assert {model.state for model in offered} == {"absent"}
