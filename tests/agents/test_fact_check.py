"""Whether words hold exactly the facts of results."""

from __future__ import annotations

import pytest

from pisovereign.agents.fact_check import denies, invented, missing, mixed_up

BERLIN = "Berlin: 15°C, partly cloudy. Today 8 to 17°C."
BONN = "Bonn: 9°C, sunny. Today 4 to 11°C."


@pytest.mark.parametrize(
    "said",
    [
        "Berlin: 15°C, partly cloudy, today 8 to 17°C. Bonn: 9°C, sunny, today 4 to 11°C.",
        "9°C and sunny in Bonn, today 4 to 11°C, and 15°C, 8 to 17°C, in partly cloudy Berlin.",
        f"Weather in Berlin:\n{BERLIN}\n\nWeather in Bonn:\n{BONN}",
    ],
)
def test_other_words_for_the_same_facts_are_believed(said: str) -> None:
    results = [BERLIN, BONN]
    assert not missing(said, results)
    assert not mixed_up(said, results)
    assert not denies(said, results)
    assert not invented(said, ["Weather in Berlin and Bonn", *results])


@pytest.mark.parametrize(
    "said",
    [
        "Berlin: 9°C, partly cloudy, today 8 to 17°C. Bonn: 15°C, sunny, today 4 to 11°C.",
        "Bonn: 15°C, partly cloudy, today 8 to 17°C. Berlin: 9°C, sunny, today 4 to 11°C.",
        "Berlin: 15°C, partly cloudy, today 17 to 8°C. Bonn: 9°C, sunny, today 4 to 11°C.",
        "Berlin has 8°C, partly cloudy, today 15 to 17°C. Bonn: 9°C, sunny, today 4 to 11°C.",
    ],
)
def test_facts_in_the_places_of_others_are_not_believed(said: str) -> None:
    assert mixed_up(said, [BERLIN, BONN])


@pytest.mark.parametrize(
    ("said", "result"),
    [
        ("There is no event at 14:30.", "There is an event at 14:30."),
        ("Um 14:30 ist kein Termin.", "Um 14:30 ist ein Termin."),
    ],
)
def test_a_denial_of_a_result_is_not_believed(said: str, result: str) -> None:
    assert denies(said, [result])
    assert not denies(said, [said])
