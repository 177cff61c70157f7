from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from pisovereign.engine.errors import InvalidRequest
from pisovereign.engine.grammar import GrammarConstraint
from pisovereign.engine.llama import Model
from pisovereign.engine.templates import Special
from tests.engine.support import grammar_of

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
    constraint = GrammarConstraint(model.vocab, grammar_of(PERSON))
    brace, word = model.vocab.encode(["{"])[0], model.vocab.encode(["Hello"])[0]
    assert constraint.allowed(np.array([word, brace])).tolist() == [False, True]
    constraint.accept(brace)
    assert constraint.allowed(np.array([word, brace])).tolist() == [False, False]


ACCENTS = {
    "type": "object",
    "properties": {"\u00e9t\u00e9": {"type": "string"}},
    "required": ["\u00e9t\u00e9"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        (PERSON, '{"name": "Zo\u00eb \U0001f600", "age": 7}'),
        (ACCENTS, '{"\u00e9t\u00e9": "\U0001f600"}'),
    ],
)
def test_the_mask_is_what_asking_about_every_token_gives(
    model: Model, schema: dict[str, Any], text: str
) -> None:
    constraint = GrammarConstraint(model.vocab, grammar_of(schema))
    everything = np.arange(model.vocab.size)
    tokens = model.vocab.encode([text])
    # A character in several tokens: between them the forest does not help.
    assert any(model.vocab.piece(token) == "\U0001f600".encode()[-1:] for token in tokens)
    for token in tokens:
        mask = constraint.mask(model.vocab.size)
        assert mask[token]
        assert np.array_equal(mask, constraint.allowed(everything))
        constraint.accept(token)
    possible = np.flatnonzero(constraint.mask(model.vocab.size)).tolist()
    assert any(model.vocab.ends_answer(token) for token in possible)


def accepts(model: Model, schema: dict[str, Any], text: str) -> bool:
    constraint = GrammarConstraint(model.vocab, grammar_of(schema))
    for token in model.vocab.encode([text]):
        if not constraint.allowed(np.array([token]))[0]:
            return False
        constraint.accept(token)
    possible = np.flatnonzero(constraint.mask(model.vocab.size)).tolist()
    return any(model.vocab.ends_answer(token) for token in possible)


@pytest.mark.parametrize(
    "value",
    ["plain", 'with "quotes"', "back\\slash", "two\nlines", "\u00e9", "\U0001f600", 1.5, [1, "\t"]],
)
def test_a_constant_is_written_as_json(model: Model, value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False)
    assert accepts(model, {"const": value}, text)
    assert accepts(model, {"enum": ["other", value]}, text)
    assert not accepts(model, {"const": value}, json.dumps("something else"))
    if isinstance(value, str):
        schema = {"type": "object", "properties": {value: {"type": "null"}}, "required": [value]}
        assert accepts(model, schema, "{" + text + ": null}")


def test_control_characters_in_strings_are_escaped(model: Model) -> None:
    assert accepts(model, {"type": "string"}, json.dumps("a\nb\x01\U0001f600"))
    # What no text column can hold, and half a character, must not be written at all.
    for text in ("\x00", "\ud83d", "\ude00"):
        assert not accepts(model, {"type": "string"}, json.dumps(text))
    for character in "\n\t\x01":
        assert not accepts(model, {"type": "string"}, f'"a{character}b"')


def test_control_tokens_are_allowed_at_the_end_only(model: Model) -> None:
    # llama.cpp takes their names for text, which a string may hold.
    start, end = model.vocab.encode([Special("<|im_start|>"), Special("<|im_end|>")])
    constraint = GrammarConstraint(model.vocab, grammar_of({"type": "string"}))
    assert not constraint.mask(model.vocab.size)[[start, end]].any()
    for token in model.vocab.encode(['"ab']):
        constraint.accept(token)
    assert not constraint.mask(model.vocab.size)[[start, end]].any()
    for token in model.vocab.encode(['"']):
        constraint.accept(token)
    assert constraint.mask(model.vocab.size)[[start, end]].tolist() == [False, True]
    assert constraint.allowed(np.array([start, end])).tolist() == [False, True]


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
        grammar_of(schema)


@pytest.mark.parametrize("schema", [PERSON, {"type": "object"}, nested(10), {"enum": ["a", 1]}])
def test_usual_schemas_become_grammars(model: Model, schema: dict[str, Any]) -> None:
    GrammarConstraint(model.vocab, grammar_of(schema))


def test_a_grammar_that_llama_cpp_refuses(model: Model) -> None:
    with pytest.raises(InvalidRequest):
        GrammarConstraint(model.vocab, "root ::= undefined-rule")
