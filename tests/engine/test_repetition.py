"""What counts as going round in circles, and how soon an answer is ended by it."""

from __future__ import annotations

import re
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.engine.repetition import RepetitionGuard

# Near enough to a model's: words with the blank before them, digits, signs, runs of blanks.
_TOKEN = re.compile(r" ?[^\W\d_]+|\d|[ \t]+|\n+|.")
PROJECT = Path(__file__).parents[2]
_STDLIB = Path(sysconfig.get_paths()["stdlib"])
REAL = (
    # The generated reference gives the same example for several routes.
    *(page for page in sorted((PROJECT / "docs").glob("*.md")) if page.name != "api.md"),
    PROJECT / "README.md",
    _STDLIB / "LICENSE.txt",
    *(_STDLIB / name for name in ("argparse.py", "calendar.py", "this.py", "typing.py", "ast.py")),
)
FOX = "The quick fox jumps over a dog."


def tokens(text: str) -> Iterator[str]:
    yield from (found.group() for found in _TOKEN.finditer(text))


def run(text: str) -> tuple[str, bool]:
    """What was written before a text was ended, and whether it was."""
    guard = RepetitionGuard()
    shown = ""
    for piece in tokens(text):
        guard.push(piece)
        if guard.looped:
            return shown, True
        shown += piece
    return shown, False


def test_a_sentence_over_and_over() -> None:
    shown, looped = run(f"Hello. {FOX}" + f" {FOX}" * 20)
    assert looped
    assert 2 < shown.count(FOX) < 6


def test_two_sentences_in_turns() -> None:
    shown, looped = run(f"{FOX} I am here to help you. " * 20)
    assert looped
    assert shown.count(FOX) == 3


def test_a_sentence_with_others_between() -> None:
    others = (
        "It rains.",
        "It snows.",
        "It is warm.",
        "It is dry.",
        "It is cold.",
        "It ends.",
        "Oh.",
    )
    shown, looped = run(" ".join(f"{FOX} {other}" for other in others))
    assert looped
    assert shown.count(FOX) == 5


def test_numbered_copies() -> None:
    shown, looped = run("".join(f"{n}. {FOX}\n" for n in range(1, 40)))
    assert looped
    assert shown.count("fox") < 12


def test_words_without_an_end() -> None:
    shown, looped = run("It is" + " very" * 100)
    assert looped
    assert shown.count("very") < 40


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_real_text_is_not_ended(path: Path) -> None:
    """An answer is short: text is read in pieces of 4,000 characters."""
    text = path.read_text(encoding="utf-8")
    for start in range(0, len(text), 4_000):
        part = text[start : start + 4_000]
        assert run(part) == (part, False)


@pytest.mark.parametrize(
    "text",
    [
        "| a | b |\n| --- | --- |\n" + "| yes | no |\n" * 3,
        "".join(f"- item {n}: {name}\n" for n, name in enumerate("abcdefghijklm")),
        "".join(f"{n} × 7 = {n * 7}\n" for n in range(1, 13)),
        "Row, row, row your boat,\nGently down the stream.\n" * 2,
        "-" * 80 + "\n" + "=" * 80,
        "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20",
        "".join(f"    if value == {n}:\n        return {n}\n" for n in range(6)),
    ],
)
def test_lists_tables_and_refrains_are_not_ended(text: str) -> None:
    assert run(text) == (text, False)


@given(st.text("ab .\n1", max_size=200))
def test_what_is_not_ended_comes_through_whole(text: str) -> None:
    shown, looped = run(text)
    assert text.startswith(shown)
    assert looped or shown == text


def test_copies_with_the_same_numbers_are_not_numbered() -> None:
    line = "Milk: Friday, 27 November 2026, 17:30. Add milk to the list.\n"
    shown, looped = run(line * 20)
    assert looped
    assert shown.count("Milk") <= 4


def test_digits_without_an_end() -> None:
    shown, looped = run("It is 8." + "3" * 1000)
    assert looped
    assert len(shown) < 300


def test_short_words_are_words() -> None:
    shown, looped = run("Hello." + " I'm sorry, I'm sorry." * 60)
    assert looped
    assert shown.count("sorry") <= 8
