"""The picture of promised and true seconds."""

from __future__ import annotations

from xml.etree import ElementTree

from bench.expected import share
from bench.expected_plot import draw
from bench.expected_turns import TURNS, turns


def test_each_turn_is_a_point() -> None:
    picture = ElementTree.fromstring(draw({"One": [(0.5, 1.0), (20.0, 30.0)], "Other": []}))
    points = [each for each in picture.iter() if each.tag.endswith("circle")]
    assert len(points) == 2
    # What took longer is farther to the right, and what was promised for later is higher.
    x, y = ([float(point.attrib[name]) for point in points] for name in ("cx", "cy"))
    assert x[0] < x[1]
    assert y[0] > y[1]


def test_there_are_as_many_turns_as_are_said() -> None:
    sent = turns()
    assert sum(map(len, sent)) == TURNS
    assert sent == turns()
    # A question comes before what is asked about its answer.
    begun = set()
    for group in sent:
        for turn in group:
            assert (turn.conversation in begun) == (turn.kind == "follow-up")
        begun |= {turn.conversation for turn in group}


def test_a_share_counts_what_was_not_promised_as_wrong() -> None:
    assert share([], lambda _: 1.0) == 0
