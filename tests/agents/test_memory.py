"""Tasks that look into what the user asked to remember."""

from __future__ import annotations

import pytest

from tests.agents.support import begin, wait_for
from tests.memory.support import forget_all, remember
from tests.support.equipped import Equipped


@pytest.mark.parametrize(
    ("request_text", "found"),
    [
        ("What do you know about Ada?", "I remember:\n- Ada collects old maps"),
        ("Was weißt du über Ada?", "Ich habe mir gemerkt:\n- Ada collects old maps"),
    ],
)
def test_what_is_remembered_is_told(equipped: Equipped, request_text: str, found: str) -> None:
    forget_all(equipped.server)
    remember(equipped.server, "Ada collects old maps")
    task = wait_for(equipped.server, begin(equipped.server, request_text))
    assert [part["tool"] for part in task["sub_agents"]] == ["memory"]
    assert (task["status"], task["result"]) == ("completed", found)


def test_that_nothing_is_remembered_is_said(equipped: Equipped) -> None:
    forget_all(equipped.server)
    remember(equipped.server, "Ada collects old maps")
    task = wait_for(equipped.server, begin(equipped.server, "Search my notes for the spare key"))
    assert (task["status"], task["result"]) == ("completed", "I remember nothing about it.")
