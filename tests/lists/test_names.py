"""Which list is meant by a name."""

from __future__ import annotations

import pytest

from pisovereign.lists.names import SHOPPING, WantedList, read_name


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("shopping list", "shopping"),
        ("My Shopping List", "shopping"),
        ("the groceries list", "shopping"),
        ("groceries", "shopping"),
        ("Einkaufsliste", "shopping"),
        ("meinen Einkaufszettel", "shopping"),
        ("to-do list", "todo"),
        ("TODO", "todo"),
        ("Aufgabenliste", "todo"),
        ("packing list", None),
        ("list", None),
    ],
)
def test_lists_that_have_a_name_in_every_language(name: str, key: str | None) -> None:
    assert read_name(name).key == key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("packing list", "my Packing"),
        ("Packliste", "die Packliste"),
        ("Wunschliste", "wunsch"),
        ("STRASSE", "Straße"),
    ],
)
def test_names_of_one_list(one: str, other: str) -> None:
    assert read_name(one) == read_name(other)


def test_other_names_are_other_lists() -> None:
    assert read_name("party") != read_name("parties of the year")
    assert read_name("list") == WantedList(None, "list")


def test_names_without_a_word_are_told_apart() -> None:
    assert read_name("🎄") != read_name("🎁")
    assert read_name(" 🎄 ") == read_name("🎄")


def test_a_letter_that_is_wrong_makes_no_other_list() -> None:
    assert read_name("shoping list").key == SHOPPING
    assert read_name("Einkafsliste").key == SHOPPING
    assert read_name("choir").key is None
