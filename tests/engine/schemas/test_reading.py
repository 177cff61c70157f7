from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pisovereign.engine.errors import InvalidRequest
from pisovereign.engine.schemas.fitting import fits
from pisovereign.engine.schemas.reading import read_schema
from tests.engine.schemas.support import SCHEMAS

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.sampled_from(["", "one", "abc", "2026-01-31"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner),
    max_leaves=6,
)

CIRCLE = {
    "a": {"anyOf": [{"$ref": "#/$defs/b"}, {"type": "string"}]},
    "b": {"anyOf": [{"$ref": "#/$defs/a"}, {"type": "null"}]},
}
DEEP: list[Any] = []
for _ in range(400):
    DEEP = [DEEP]


@given(SCHEMAS, VALUES)
def test_what_fits_is_valid(schema: dict[str, Any], value: Any) -> None:
    read = read_schema(schema, "schema")
    if fits(value, read.shape, read):
        Draft202012Validator(schema).validate(value)


TREE = {
    "$ref": "#/$defs/node",
    "$defs": {
        "node": {
            "type": "object",
            "properties": {
                "value": {"type": "integer"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
            },
            "required": ["value"],
        }
    },
}


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        (TREE, {"value": 1, "children": [{"value": 2}]}, {"value": 1, "children": [{}]}),
        (
            {
                "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
                "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
            },
            {"b": "x"},
            {},
        ),
        (
            {"allOf": [{"properties": {"a": {"type": "integer"}}}, {"required": ["a"]}]},
            {"a": 1},
            {"a": "x"},
        ),
        ({"type": "integer", "enum": [1, "two"]}, 1, "two"),
        ({"type": "integer", "exclusiveMinimum": 2, "maximum": 4.5}, 4, 2),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, {"x": 1}, {"x": "1"}),
        ({"prefixItems": [{"type": "string"}], "items": False}, ["a"], ["a", "b"]),
        ({"required": ["a"]}, {"a": [1]}, {}),
        (True, {"a": 1}, object()),
    ],
)
def test_what_a_schema_allows(schema: Any, good: Any, bad: Any) -> None:
    read = read_schema(schema, "schema")
    assert fits(good, read.shape, read)
    if schema is not True:
        assert not fits(bad, read.shape, read)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": "a+"},
        {"type": "array", "uniqueItems": True},
        {"not": {"type": "string"}},
        {"type": "integer", "minimum": 5, "maximum": 4},
        {"type": "integer", "minimum": True},
        {"type": "integer", "minimum": 1e300},
        {"type": "string", "minLength": 5, "maxLength": 4},
        {"type": "integer", "enum": ["a"]},
        {"anyOf": []},
        {"anyOf": [False]},
        {"allOf": [{"type": "string"}, {"type": "integer"}]},
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}},
        {"properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": CIRCLE},
        {"enum": [DEEP]},
        {"$ref": "#/properties/a", "properties": {"a": {}}},
        {"$ref": 7},
        {"required": ["a"], "additionalProperties": False},
        {"required": "a"},
        {"type": []},
        {"type": [["string"]]},
        {"prefixItems": {}},
        [],
        None,
    ],
)
def test_what_cannot_be_used(schema: Any) -> None:
    with pytest.raises(InvalidRequest, match=r"tools\[2\]\.function\.parameters: "):
        read_schema(schema, "tools[2].function.parameters")


def test_required_members_come_first() -> None:
    read = read_schema({"properties": {"a": {}, "b": {}, "c": {}}, "required": ["c", "b"]}, "x")
    names = [member.name for member in read.shape.members]  # type: ignore[union-attr]
    assert names == ["b", "c", "a"]
