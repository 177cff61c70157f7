"""The model may word an answer, and is believed as far as it keeps to the results."""

from __future__ import annotations

from typing import Any

import pytest

from tests.agents.support import begin, wait_for
from tests.support.equipped import Equipped

WEATHER = "Check the weather in Berlin"
BOTH = f"{WEATHER} and show my calendar for tomorrow"
GOOD = "In Berlin it is 15°C and partly cloudy; today 8 to 17°C with light rain showers."


def worded(equipped: Equipped, request: str, said: Any) -> tuple[str, str]:
    """The answer when the model words it so, and the answer without."""
    equipped.model.script["report"] = [said]
    task = wait_for(equipped.server, begin(equipped.server, request))
    assert task["status"] == "completed"
    assert len(equipped.model.asked["report"]) == 1
    parts = task["sub_agents"]
    listed = "\n\n".join(f"{part['description']}:\n{part['result']}" for part in parts)
    return task["result"], listed if len(parts) > 1 else parts[0]["result"]


@pytest.mark.parametrize(
    ("request_text", "said"),
    [
        (WEATHER, GOOD),
        (WEATHER, f"\n{GOOD} "),
        (BOTH, f"{GOOD} For tomorrow your calendar has nothing."),
        (
            "Wie ist das Wetter in Köln?",
            "In Köln sind es 15°C, teils bewölkt; heute 8 bis 17°C und leichte Regenschauer.",
        ),
    ],
)
def test_words_that_hold_the_facts_are_the_answer(
    equipped: Equipped, request_text: str, said: str
) -> None:
    answer, plain = worded(equipped, request_text, {"text": said})
    assert answer == said.strip() != plain
    (asked,) = equipped.model.asked["report"]
    assert "<results>" in asked[-1]["content"]
    assert asked[-1]["content"].endswith(request_text)


@pytest.mark.parametrize(
    "said",
    [
        {"text": GOOD.replace("15", "16")},
        {"text": GOOD.replace("8 to 17", "17 to 8")},
        {"text": GOOD.replace("Berlin", "Bonn")},
        {"text": f"{GOOD} Today comes Ada."},
        {"text": GOOD.replace("it is", "it is not")},
        {"text": "In Berlin it is 15°C."},
        {"text": f"{GOOD} {GOOD}"},
        {"text": " "},
        {"words": GOOD},
        GOOD,
    ],
)
def test_words_that_differ_give_way_to_the_results(equipped: Equipped, said: Any) -> None:
    answer, plain = worded(equipped, WEATHER, said)
    assert answer == plain


def test_what_failed_is_listed_and_not_worded(equipped: Equipped) -> None:
    equipped.model.script["report"] = [{"text": GOOD}]
    task = wait_for(equipped.server, begin(equipped.server, f"{WEATHER}, and delete all my mails"))
    assert [part["status"] for part in task["sub_agents"]] == ["completed", "failed"]
    assert "This could not be done: No command was found in it" in task["result"]
    assert equipped.model.asked["report"] == []
