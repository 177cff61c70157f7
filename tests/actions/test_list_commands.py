"""Lists in words: filled, read, emptied, and every step taken back."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pisovereign.actions.types import Completed
from pisovereign.errors import ValidationFailed
from pisovereign.languages import Language
from tests.actions.support import CALLER, SHOPPING, FakeLists, service


def run(lists: FakeLists, name: str, *, language: Language = "en", **args: Any) -> Completed:
    actions = service(lists=lists)
    caller = CALLER._replace(language=language)
    answer = asyncio.run(actions.run(caller, actions.command(name, args)))
    assert isinstance(answer, Completed)
    return answer


def undo(lists: FakeLists, done: Completed) -> None:
    actions = service(lists=lists)
    command = actions.inverse(done)
    assert command is not None
    asyncio.run(actions.run(CALLER, command))


def contents(lists: FakeLists) -> dict[str, list[str]]:
    return {one.name: [item.text for item in one.items] for one in lists.known}


def given(done: Completed) -> Any:
    return done.result


def test_without_a_name_it_is_the_shopping_list() -> None:
    lists = FakeLists()
    done = run(lists, "add_to_list", items=["Milk", "Eggs"], language="de")
    assert done.text == "Notiert (Einkaufsliste): Milk, Eggs."
    assert run(lists, "show_list").text == "On your list (shopping list):\n- Milk\n- Eggs"
    assert contents(lists) == {"Einkaufsliste": ["Milk", "Eggs"]}
    undo(lists, done)
    assert contents(lists) == {"Einkaufsliste": []}
    assert run(lists, "show_list").text == "Nothing is on your list (shopping list)."


def test_what_is_there_is_not_added_again() -> None:
    lists = FakeLists(SHOPPING)
    done = run(lists, "add_to_list", items=["Milk", "Eggs"])
    assert done.text == "Added (shopping list): Eggs. Already there (shopping list): Milk."
    undo(lists, done)
    assert contents(lists) == {"shopping list": ["Milk"]}


def test_items_are_found_by_their_words() -> None:
    lists = FakeLists()
    run(lists, "add_to_list", items=["Oat milk", "Tomatoes", "Apple juice", "Apples"])
    done = run(lists, "remove_from_list", items=["tomato", "milk", "apples"])
    assert given(done).removed == ("Tomatoes", "Oat milk", "Apples")
    assert contents(lists) == {"shopping list": ["Apple juice"]}
    undo(lists, done)
    restored = contents(lists)["shopping list"]
    assert sorted(restored) == ["Apple juice", "Apples", "Oat milk", "Tomatoes"]


def test_what_could_be_several_removes_nothing() -> None:
    lists = FakeLists()
    run(lists, "add_to_list", items=["Oat milk", "Soy milk"])
    asked = run(lists, "remove_from_list", items=["milk"])
    assert asked.status == "needs_choice"
    assert asked.text == "Which one do you mean (shopping list): Oat milk, Soy milk?"
    missing = run(lists, "remove_from_list", items=["bread"])
    assert missing.status == "not_found"
    assert missing.text == "That is not there (shopping list). There are: Oat milk, Soy milk."
    assert len(contents(lists)["shopping list"]) == 2


def test_everything_is_confirmed_first() -> None:
    lists = FakeLists()
    run(lists, "add_to_list", items=["Milk", "Eggs"])
    asked = run(lists, "remove_from_list", everything=True)
    assert asked.status == "needs_confirmation"
    assert run(lists, "delete_list", list="Einkaufszettel").status == "needs_confirmation"
    assert contents(lists) == {"shopping list": ["Milk", "Eggs"]}
    done = run(lists, "remove_from_list", everything=True, confirmed=True)
    assert contents(lists) == {"shopping list": []}
    undo(lists, done)
    deleted = run(lists, "delete_list", list="groceries", confirmed=True)
    assert contents(lists) == {}
    undo(lists, deleted)
    assert contents(lists) == {"shopping list": ["Milk", "Eggs"]}


def test_a_list_of_ones_own() -> None:
    lists = FakeLists(SHOPPING)
    made = run(lists, "create_list", list="Packing list for Rome")
    assert made.text == "The list is there: Packing list for Rome."
    run(lists, "add_to_list", items=["Passport"], list="my packing list for Rome")
    assert run(lists, "show_list", list="packing").text == (
        "On your list (Packing list for Rome):\n- Passport"
    )
    assert run(lists, "create_list", list="packing rome").text.startswith("There is such a list")
    missing = run(lists, "show_list", list="wishes")
    assert (missing.status, missing.text) == (
        "not_found",
        "There is no list like that. There are:\n- shopping list\n- Packing list for Rome",
    )


@pytest.mark.parametrize("name", ["add_to_list", "remove_from_list"])
def test_nothing_is_no_item(name: str) -> None:
    with pytest.raises(ValidationFailed):
        run(FakeLists(), name, items=[])
    with pytest.raises(ValidationFailed) as caught:
        run(FakeLists(), name, items=["a", " "])
    assert caught.value.fields == [{"field": "args.items", "error": "entry cannot be empty"}]
