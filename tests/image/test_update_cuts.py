"""Power cuts in an update: what is said of them, and when they are."""

from __future__ import annotations

from image.boot import update_cuts
from image.boot.update_cuts import Cut, Took


def test_each_end_of_each_phase_is_one_line() -> None:
    cuts = [
        Cut("writing", 3.0, "a runs, failed", 12, "", 31.0),
        Cut("keeping", 0.1, "b runs, kept", 0, "", 28.4),
        Cut("writing", 9.0, "a runs, failed", 8, "", 44.2),
        Cut("keeping", 0.2, "a runs, rolled_back", 0, "", 30.0),
        Cut("keeping", 0.3, "", 0, "NoAnswer: no shell within 1200 s", 1200.0),
    ]
    assert update_cuts.table(cuts) == [
        "writing: 2 × a runs, failed, with every memory, 20 of them stored meanwhile; "
        "served 31 to 44 s after the start",
        "keeping: 1 × b runs, kept, with every memory; served 28 to 28 s after the start",
        "keeping: 1 × a runs, rolled_back, with every memory; served 30 to 30 s after the start",
        "keeping: 1 × FAILED",
    ]


def test_a_phase_is_as_long_as_it_was_on_this_machine() -> None:
    took = Took(100.0, 3.0, 20.0, 7.0, 5.0)
    spans = {phase.name: phase.span_s for phase in update_cuts.phases(took)}
    assert spans == {
        "writing": 100.0,
        "asking": 3.0,
        "starting": 20.0,
        "migrating": 7.0,
        "checking": 5.0,
        "keeping": update_cuts.KEEPING_S,
    }
