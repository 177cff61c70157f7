"""Every broken field at once, in words that name the rule."""

from __future__ import annotations

from typing import Annotated

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from pisovereign.errors import ValidationFailed
from pisovereign.validation import check, no_nul, not_blank, validate


class Inner(msgspec.Struct, frozen=True):
    count: Annotated[int, Meta(ge=1)] = 1


class Circle(msgspec.Struct, frozen=True, tag="circle"):
    radius: int


class Square(msgspec.Struct, frozen=True, tag="square"):
    side: int


class TextOrList(msgspec.Struct, frozen=True, kw_only=True):
    items: (
        Annotated[str, msgspec.Meta(min_length=1)]
        | Annotated[list[str], msgspec.Meta(min_length=1)]
    ) = "x"
    shapes: list[Circle] = []


class Outer(msgspec.Struct, frozen=True):
    text: Annotated[str, Meta(min_length=1, max_length=5, extra={"rules": (not_blank, no_nul)})]
    level: Annotated[float, Meta(ge=0.0, le=2.0)] | None = None
    note: Annotated[str, Meta(min_length=1, max_length=3, extra={"rules": (no_nul,)})] | None = None
    flag: bool = False
    inner: Inner = Inner()
    rows: tuple[Inner, ...] = ()
    few: Annotated[tuple[Inner, ...], Meta(min_length=1, max_length=2)] = (Inner(),)
    shape: Circle | Square | None = None


@pytest.mark.parametrize(
    ("data", "field", "error"),
    [
        ({}, "text", "is required"),
        ({"text": "a", "few": []}, "few", "cannot be empty"),
        ({"text": "a", "few": [{}, {}, {}]}, "few", "must have at most 2 entries"),
        ({"text": ""}, "text", "cannot be empty"),
        ({"text": " \n"}, "text", "cannot be empty"),
        ({"text": "abcdef"}, "text", "must be at most 5 characters"),
        ({"text": "a\0"}, "text", "cannot contain NUL characters"),
        ({"text": None}, "text", "must be a string"),
        ({"text": "a", "level": 3}, "level", "must be between 0.0 and 2.0"),
        ({"text": "a", "level": "1"}, "level", "must be a number"),
        ({"text": "a", "level": True}, "level", "must be a number"),
        ({"text": "a", "note": ""}, "note", "cannot be empty"),
        ({"text": "a", "note": "abcd"}, "note", "must be at most 3 characters"),
        ({"text": "a", "note": "\0"}, "note", "cannot contain NUL characters"),
        ({"text": "a", "flag": 1}, "flag", "must be true or false"),
        ({"text": "a", "inner": 1}, "inner", "must be an object"),
        ({"text": "a", "inner": {"count": 0}}, "inner.count", "must be at least 1"),
        ({"text": "a", "rows": [{}, {"count": 1.5}]}, "rows[1].count", "must be a whole number"),
        ({"text": "a", "rows": {}}, "rows", "must be a list"),
        ({"text": "a", "txt": 1}, "txt", "is not a known field; did you mean text?"),
        ([], "body", "must be an object"),
    ],
)
def test_one_fault(data: object, field: str, error: str) -> None:
    assert check(data, Outer) == (None, [{"field": field, "error": error}])


def test_a_body_of_unknown_fields_gets_a_short_answer() -> None:
    _, errors = check({"text": "a", "x" * 1_000_000: 1} | {f"k{i}": 1 for i in range(1000)}, Outer)
    assert errors[0] == {"field": "x" * 100, "error": "is not a known field"}
    assert len(errors) == 50


def test_all_faults_at_once() -> None:
    with pytest.raises(ValidationFailed) as caught:
        validate({"text": "", "level": 9, "flag": "x", "more": 1}, Outer)
    assert {f["field"] for f in caught.value.fields} == {"text", "level", "flag", "more"}


def test_good_data_becomes_the_struct() -> None:
    data = {"text": "äöü€😀", "level": 1, "rows": [{"count": 2}]}
    assert validate(data, Outer) == Outer(text="äöü€😀", level=1.0, rows=(Inner(2),))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["text", "level", "flag", "inner", "rows", "x"]), JSON))
def test_any_data_gives_a_value_or_named_faults(data: dict[str, object]) -> None:
    value, errors = check(data, Outer)
    assert (value is None) == bool(errors)
    assert all(error["field"] and error["error"] for error in errors)


def test_a_field_says_which_struct_it_is() -> None:
    square = validate({"text": "a", "shape": {"type": "square", "side": 2}}, Outer)
    assert square.shape == Square(2)
    assert validate({"text": "a", "shape": None}, Outer).shape is None
    with pytest.raises(ValidationFailed) as caught:
        validate({"text": "a", "shape": {"type": "line", "side": 2}}, Outer)
    assert [error["field"] for error in caught.value.fields] == ["shape"]


def test_unknown_fields_may_be_ignored_at_every_depth() -> None:
    data = {"text": "a", "more": 1, "inner": {"count": 2, "more": 1}, "rows": [{"more": 1}]}
    assert validate(data, Outer, ignore_unknown=True).inner == Inner(2)
    with pytest.raises(ValidationFailed) as caught:
        validate(data, Outer)
    assert {error["field"] for error in caught.value.fields} == {
        "more",
        "inner.more",
        "rows[0].more",
    }


def test_the_message_names_the_first_field() -> None:
    with pytest.raises(ValidationFailed) as one:
        validate({"text": ""}, Outer)
    assert one.value.message == "text: cannot be empty"
    with pytest.raises(ValidationFailed) as several:
        validate({"text": "", "level": 3, "flag": 1}, Outer)
    assert several.value.message == "text: cannot be empty (and 2 more)"


def test_a_list_of_another_kind_of_thing_says_only_that() -> None:
    with pytest.raises(ValidationFailed) as caught:
        validate({"shapes": [{"type": "circle", "radius": 1}, {"type": "line"}]}, TextOrList)
    assert caught.value.fields == [{"field": "shapes[1].type", "error": "must be circle"}]


def test_a_text_or_a_list_is_judged_as_what_it_is() -> None:
    assert validate({"items": "a"}, TextOrList).items == "a"
    assert validate({"items": ["a"], "shapes": [{"radius": 1}]}, TextOrList) == TextOrList(
        items=["a"], shapes=[Circle(1)]
    )
    for items, error in (
        ([], "cannot be empty"),
        (["a", 1], "must hold only strings"),
        ("", "cannot be empty"),
    ):
        with pytest.raises(ValidationFailed) as caught:
            validate({"items": items}, TextOrList)
        assert caught.value.fields == [{"field": "items", "error": error}]
