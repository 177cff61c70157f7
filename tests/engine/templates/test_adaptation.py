"""What is done to conversations for templates that do not know all there is in them."""

from __future__ import annotations

from pisovereign.engine.templates.adaptation import Adaptation, adapt
from pisovereign.engine.tool_calls.formats import CallFormat
from pisovereign.engine_client.types import FunctionCall, Message, ToolCall

CALL = ToolCall("an id of any length", FunctionCall("look", '{"at": "a\\"b", "n": [1, null]}'))


def adapted(
    *messages: Message, notation: CallFormat | None = CallFormat.HERMES, **unknown: bool
) -> list[tuple[str, str]]:
    made = adapt(messages, (), Adaptation(**unknown), notation, str.format)
    return [(message["role"], message["content"]) for message in made]


def test_a_system_prompt_goes_into_the_first_message() -> None:
    talk = [Message("system", "S"), Message("user", "U"), Message("assistant", "A")]
    assert adapted(*talk, system=False) == [("user", "S\n\nU"), ("assistant", "A")]
    assert adapted(*talk[::2], system=False) == [("user", "S"), ("assistant", "A")]
    assert adapted(talk[0], system=False) == [("user", "S")]


def test_later_system_messages_are_the_users() -> None:
    talk = [
        Message("system", "S"),
        Message("user", "U"),
        Message("system", "L"),
        Message("user", "V"),
    ]
    assert adapted(*talk, late_system=False) == [("system", "S"), ("user", "U"), ("user", "L\n\nV")]


def test_roles_in_turn() -> None:
    talk = [Message("user", "U"), Message("tool", "R"), Message("user", "V")]
    assert adapted(*talk, orphans=False, repeats=False) == [
        ("user", "U\n\n<tool_response>\nR\n</tool_response>\n\nV")
    ]


def test_calls_in_the_models_own_notation() -> None:
    call = Message("assistant", "Well.", tool_calls=[CALL])
    assert adapted(call, calls=False) == [
        (
            "assistant",
            'Well.\n<tool_call>\n{"name": "look", "arguments": {"at": "a\\"b", "n": [1, null]}}\n'
            "</tool_call>",
        )
    ]
    assert adapted(call, calls=False, notation=CallFormat.LFM) == [
        ("assistant", "Well.\n<|tool_call_start|>[look(at='a\"b', n=[1, None])]<|tool_call_end|>")
    ]
    assert adapted(call, calls=False, notation=CallFormat.GRANITE) == [
        (
            "assistant",
            'Well.\n<|tool_call|>[{"name": "look", "arguments": {"at": "a\\"b", "n": [1, null]}}]',
        )
    ]


def test_what_templates_insist_on() -> None:
    result = Message("tool", "R", tool_call_id=CALL.id)
    call, answer = adapt(
        [Message("assistant", tool_calls=[CALL]), result], (), Adaptation(), None, str.format
    )
    made = call["tool_calls"][0]
    assert made["id"] == answer["tool_call_id"]
    assert len(made["id"]) == 9
    assert made["id"].isalnum()
    assert made["function"]["arguments"] == {"at": 'a"b', "n": [1, None]}
    assert answer["name"] == "look"


def test_arguments_that_are_no_object() -> None:
    for text in ('{"cut": ', "[1]", '"x"'):
        call = ToolCall("1", FunctionCall("look", text))
        (made,) = adapt(
            [Message("assistant", tool_calls=[call])], (), Adaptation(), None, str.format
        )
        assert made["tool_calls"][0]["function"]["arguments"] == {"arguments": text}
