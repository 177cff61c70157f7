from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pisovereign.engine.errors import InvalidRequest
from pisovereign.engine.grammar import GrammarConstraint, compile_schema
from pisovereign.engine.llama import Model

PERSON = {
    "type": "object",
    "title": "notes are ignored",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
}


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "array", "items": schema}
    return schema


def test_only_what_the_grammar_allows_may_come_next(model: Model) -> None:
    constraint = GrammarConstraint(model.vocab, compile_schema(PERSON))
    brace, word = model.vocab.encode(["{"])[0], model.vocab.encode(["Hello"])[0]
    assert constraint.allowed(np.array([word, brace])).tolist() == [False, True]
    constraint.accept(brace)
    assert constraint.allowed(np.array([word, brace])).tolist() == [False, False]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "maxLength": 10**9},
        {"type": "array", "items": {}, "minItems": -1},
        {"type": "string", "pattern": "^(a+)+$"},
        {"$ref": "https://example.org/schema"},
        {"$ref": "#/$defs/missing", "$defs": {}},
        {"type": "no such type"},
        {"enum": 7},
        {"properties": {"a": 7}},
        {"unknown": 1},
        nested(17),
        {"properties": {str(n): {"type": "integer"} for n in range(501)}},
    ],
)
def test_hostile_and_senseless_schemas_are_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match="response_format"):
        compile_schema(schema)


@pytest.mark.parametrize("schema", [PERSON, {"type": "object"}, nested(10), {"enum": ["a", 1]}])
def test_usual_schemas_become_grammars(model: Model, schema: dict[str, Any]) -> None:
    GrammarConstraint(model.vocab, compile_schema(schema))


def test_a_grammar_that_llama_cpp_refuses(model: Model) -> None:
    with pytest.raises(InvalidRequest):
        GrammarConstraint(model.vocab, "root ::= undefined-rule")
