"""docs/parsing.md: what it says is understood is, and what it says is not is not."""

from __future__ import annotations

import re

import pytest

from tests.docs.blocks import read
from tests.parsing.support import command

PAGE = read("docs/parsing.md")
TABLE = PAGE[: PAGE.index("\n## Times")]
EXAMPLES = re.findall(r"^\| ([^|]+) \| ([A-Z]\w+) \|$", TABLE, re.MULTILINE)[1:]
REFUSED = [
    quoted
    for quoted in re.findall(
        r'"([^"]+)"', TABLE[TABLE.index("A request that") :].replace("\n", " ")
    )
    if quoted != "my calendar"
]


def test_every_type_has_an_example() -> None:
    assert len(EXAMPLES) >= 11
    assert len({kind for _, kind in EXAMPLES}) == 20


@pytest.mark.parametrize(("words", "kind"), EXAMPLES)
def test_an_example_is_read_as_it_says(words: str, kind: str) -> None:
    assert type(command(words)).__name__ == kind


@pytest.mark.parametrize("words", REFUSED)
def test_what_is_no_request_is_read_as_none(words: str) -> None:
    assert command(words) is None
    assert command(f"{words} tomorrow at 3pm") is None


def test_the_calendar_is_one() -> None:
    assert command("my calendar") is not None
