from __future__ import annotations

import msgspec

from pisovereign.engine.jobs import CallArguments, CallStarted, Delta, Reasoning
from pisovereign.engine.whole_answer import WholeAnswer


def test_calls_thoughts_and_text_are_kept_apart() -> None:
    whole = WholeAnswer()
    for event in (
        Reasoning("h"),
        Reasoning("m"),
        CallStarted(0, "a", "weather"),
        CallArguments(0, '{"city":'),
        CallArguments(0, '"Rome"}'),
        CallStarted(1, "b", "time"),
        CallArguments(1, "{}"),
    ):
        whole.add(event)
    assert msgspec.to_builtins(whole.message()) == {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {
                "id": "a",
                "function": {"name": "weather", "arguments": '{"city":"Rome"}'},
                "type": "function",
            },
            {"id": "b", "function": {"name": "time", "arguments": "{}"}, "type": "function"},
        ],
        "reasoning_content": "hm",
    }
    whole.add(Delta("Let me look."))
    assert whole.message().content == "Let me look."


def test_plain_text_has_neither() -> None:
    whole = WholeAnswer()
    assert msgspec.to_builtins(whole.message()) == {"role": "assistant", "content": ""}
    whole.add(Delta("Hi"))
    assert msgspec.to_builtins(whole.message()) == {"role": "assistant", "content": "Hi"}
