"""Text that a grammar leaves no choice about is not drawn."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from pisovereign.engine.grammar import GrammarConstraint
from pisovereign.engine.llama import Model
from pisovereign.engine.vocab import ByteTokens
from tests.engine.support import EngineProcess, chat, grammar_of

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "quantity": {"type": "integer"},
        "done": {"type": "boolean"},
        "kind": {"enum": ["alpha", "beta"]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "\u00e9t\u00e9": {"type": "number"},
    },
    "required": ["name", "quantity", "done", "kind", "tags", "\u00e9t\u00e9"],
}
VALUE = {
    "name": "Zo\u00eb B\u00e4r \U0001f600",
    "quantity": 12,
    "done": True,
    "kind": "beta",
    "tags": ["a", "b c"],
    "\u00e9t\u00e9": 1.5,
}


def test_forced_tokens_are_those_of_the_whole_text(model: Model) -> None:
    constraint = GrammarConstraint(model.vocab, grammar_of(SCHEMA))
    tokens = model.vocab.encode([json.dumps(VALUE, ensure_ascii=False)])
    at = skipped = 0
    while at < len(tokens):
        forced = constraint.forced(32)
        assert tokens[at : at + len(forced)] == forced
        for token in forced or tokens[at : at + 1]:
            assert constraint.allowed(np.array([token]))[0]
            constraint.accept(token)
        at += max(1, len(forced))
        skipped += len(forced)
    assert skipped >= len(tokens) // 2


def test_asking_changes_nothing(model: Model) -> None:
    constraint = GrammarConstraint(model.vocab, grammar_of(SCHEMA))
    once = constraint.forced(32)
    assert model.vocab.piece(once[0]).startswith(b"{")
    assert constraint.forced(32) == once
    assert constraint.forced(2) == once[:2]
    assert constraint.allowed(np.array(once[:1]))[0]


def test_nothing_is_forced_in_the_middle_of_a_character(model: Model) -> None:
    constraint = GrammarConstraint(model.vocab, grammar_of({"const": "\U0001f600"}))
    (quote,) = model.vocab.encode(['"'])
    first = model.vocab.byte_tokens.ids[model.vocab.byte_tokens.bytes.index(0xF0)]
    constraint.accept(quote)
    constraint.accept(int(first))
    assert constraint.forced(8) == []


def test_a_complete_text_is_not_continued(model: Model) -> None:
    constraint = GrammarConstraint(model.vocab, grammar_of({"type": "null"}))
    forced = constraint.forced(8)
    assert b"".join(map(model.vocab.piece, forced)) == b"null"
    for token in forced:
        constraint.accept(token)
    assert constraint.forced(8) == []


def test_bytes_that_are_no_tokens_of_their_own() -> None:
    table = ByteTokens([b"a", b"ab", b"b", b"", b"</s>"], ends={4})
    assert table.complete
    assert table.bytes == b"ab"
    assert table.ids.tolist() == [0, 2, 4]
    assert table.crosses(b"a", b"xb")
    assert not table.crosses(b"a", b"x")
    assert not table.crosses(b"ab", b"ab")
    assert not ByteTokens([b"a", b"ba"], ends=()).complete


FIELDS = {
    "type": "object",
    "properties": {f"field_{number}": {"type": "integer"} for number in range(8)},
    "required": [f"field_{number}" for number in range(8)],
}
FORMAT = {"type": "json_schema", "json_schema": {"name": "fields", "schema": FIELDS}}


@pytest.fixture(scope="module")
def engine(models_dir: Any) -> Iterator[EngineProcess]:
    process = EngineProcess(models_dir, "--parallel=3")
    yield process
    process.stop()


def ask(engine: EngineProcess, **fields: Any) -> tuple[str, Any]:
    pieces, end = engine.chat("Give me numbers.", response_format=FORMAT, **fields)
    return "".join(pieces), end


def test_most_of_an_object_costs_no_step(engine: EngineProcess) -> None:
    before = engine.get("/health")
    text, end = ask(engine, max_tokens=400)
    after = engine.get("/health")
    assert list(json.loads(text)) == list(FIELDS["properties"])
    assert end.reason == "stop"
    forced = after["forced_tokens"] - before["forced_tokens"]
    assert after["completion_tokens"] - before["completion_tokens"] == end.usage.completion_tokens
    assert forced >= 0.5 * end.usage.completion_tokens
    assert after["steps"] - before["steps"] <= end.usage.completion_tokens - forced + 1


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 9, 17])
def test_forced_tokens_count_as_all_others(engine: EngineProcess, limit: int) -> None:
    text, end = ask(engine, max_tokens=limit)
    assert (end.reason, end.usage.completion_tokens) == ("length", limit)
    whole, _ = ask(engine, max_tokens=400)
    assert whole.startswith(text)


def test_a_stop_string_in_forced_text(engine: EngineProcess) -> None:
    text, end = ask(engine, max_tokens=400, stop=["ield_3"])
    assert end.reason == "stop"
    assert text.endswith('"f')
    assert "field_2" in text


def test_a_seed_gives_the_same_answer_beside_others(engine: EngineProcess) -> None:
    wish = {"response_format": FORMAT, "max_tokens": 400, "temperature": 1.0, "seed": 11}
    alone = asyncio.run(chat(str(engine.socket), "Give me numbers.", **wish))

    async def together() -> list[Any]:
        others = [
            chat(str(engine.socket), f"Tell me of {n}.", max_tokens=120, seed=n) for n in (1, 2)
        ]
        return await asyncio.gather(chat(str(engine.socket), "Give me numbers.", **wish), *others)

    beside = asyncio.run(together())[0]
    assert "".join(beside[0]) == "".join(alone[0])
    assert beside[1].usage == alone[1].usage
