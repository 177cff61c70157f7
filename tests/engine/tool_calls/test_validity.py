"""Whatever a grammar lets a model write is a call whose arguments follow their schema."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from pisovereign.engine.grammar import GrammarConstraint
from pisovereign.engine.llama import Model
from pisovereign.engine.tool_calls.formats import CallFormat
from pisovereign.engine_client.types import FunctionSpec, Tool
from tests.engine.schemas.support import PARAMETERS
from tests.engine.tool_calls.support import grammar_of, parsed

_MOST_STEPS = 3000
_CLOSING = '"}])<'


def written(model: Model, grammar: str, chance: random.Random) -> str | None:
    """A random text of the grammar, of single characters; None: it does not come to an end."""
    vocab = model.vocab
    table = vocab.byte_tokens
    ids = table.ids[[at for at, byte in enumerate(table.bytes) if byte < 0x80]]
    ends = table.ids[len(table.bytes) :]
    constraint = GrammarConstraint(vocab, grammar)
    text = ""
    for _ in range(_MOST_STEPS):
        allowed = ids[constraint.allowed(ids)].tolist()
        ending = bool(constraint.allowed(np.array(ends))[0])
        if ending and (not allowed or chance.random() < 0.7):
            return text
        if not allowed:
            return None  # some other character
        closing = [token for token in allowed if vocab.piece(token).decode() in _CLOSING]
        token = chance.choice(closing if closing and chance.random() < 0.5 else allowed)
        constraint.accept(token)
        text += vocab.piece(token).decode()
    return None


@pytest.mark.parametrize("call_format", CallFormat)
@settings(max_examples=12)
@given(PARAMETERS, PARAMETERS, st.integers(0, 1 << 30))
def test_arguments_are_valid(
    model: Model, call_format: CallFormat, one: dict[str, Any], two: dict[str, Any], seed: int
) -> None:
    schemas = {"one": one, "two": two}
    tools = [Tool(FunctionSpec(name, "", schema)) for name, schema in schemas.items()]
    grammar = grammar_of(call_format, tools, forced=True)
    answer = written(model, grammar.text, random.Random(seed))
    assume(answer is not None)
    assert answer is not None
    text, calls = parsed(grammar, [answer])
    assert text == ""
    assert calls
    for name, arguments in calls:
        Draft202012Validator(schemas[name], format_checker=FormatChecker()).validate(arguments)
