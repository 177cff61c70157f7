"""What the keeper of the engine tells of models."""

from __future__ import annotations

import pytest

from pisovereign.engine_client.switching import EngineState, FetchProgress, SwitchProgress


@pytest.mark.parametrize(
    ("switch", "fetch", "more"),
    [
        (None, None, set()),
        (SwitchProgress("new", "loading"), None, {"new"}),
        (SwitchProgress("new", "waiting"), None, {"new"}),
        (SwitchProgress("new", "failed", "broken"), None, set()),
        (None, FetchProgress("better", "fetching"), {"better"}),
        (None, FetchProgress("better", "proving"), {"better"}),
        (None, FetchProgress("better", "offered"), set()),
    ],
)
def test_models_that_are_tried_are_needed_too(
    switch: SwitchProgress | None, fetch: FetchProgress | None, more: set[str]
) -> None:
    state = EngineState("used", "configured", ["earlier"], switch, fetch)
    assert state.needed == {"used", "configured"} | more
