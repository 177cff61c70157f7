"""Whether a template takes marks from its own text only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from pisovereign.engine.templates.chat_template import ChatTemplate
from pisovereign.engine.templates.compiled import Unusable
from pisovereign.engine.templates.conversations import CALLING, TALK, TOOL
from pisovereign.engine.templates.segments import Segment, Special
from pisovereign.engine.templates.special_texts import SpecialTexts
from pisovereign.engine_client.types import FunctionCall, FunctionSpec, Message, Tool, ToolCall


def check_safety(template: ChatTemplate, vocabulary: SpecialTexts) -> None:
    """Raise Unusable if text of others can change which marks are written, or where.

    Args:
        template: the template.
        vocabulary: the tokens that mean something to the model.
    """
    thinking = template.reasoning.begin + template.reasoning.end if template.reasoning else ""
    # In what some families write as a system prompt, tools among it, `/think` is an order.
    hostile = " ".join(mark for mark in sorted(template.specials) if mark not in thinking)
    for messages, tools in ((TALK, []), (CALLING, [TOOL])):
        plain = template.render(messages, tools)
        text = "".join(segment for segment in plain if isinstance(segment, str))
        built = next((mark for mark in sorted(vocabulary.control) if mark and mark in text), None)
        if built is not None:
            raise Unusable(f"the template puts the control token {built} together from pieces")
        try:
            attacked = template.render(*_with(hostile, messages, tools))
        except Unusable as error:
            raise Unusable(f"the template fails when somebody writes a mark: {error}") from error
        if marks_of(plain) != marks_of(attacked):
            raise Unusable("the template takes control tokens from what people write")


def marks_of(segments: Sequence[Segment]) -> list[str]:
    """Return the marks in their order."""
    return [segment.text for segment in segments if isinstance(segment, Special)]


def _with(
    text: str, messages: Sequence[Message], tools: Sequence[Tool]
) -> tuple[list[Message], list[Tool]]:
    """Return a conversation with a text beside each text of it."""
    attacked = [
        msgspec.structs.replace(
            message,
            content=f"{message.content} {text}" if message.content else "",
            tool_calls=[_attacked_call(c, text) for c in message.tool_calls or ()] or None,
        )
        for message in messages
    ]
    return attacked, [Tool(_attacked_function(tool.function, text)) for tool in tools]


def _attacked_call(call: ToolCall, text: str) -> ToolCall:
    arguments: dict[str, Any] = msgspec.json.decode(call.function.arguments)
    written = msgspec.json.encode({name: f"{value} {text}" for name, value in arguments.items()})
    function = FunctionCall(call.function.name, written.decode())
    return msgspec.structs.replace(call, function=function)


def _attacked_function(function: FunctionSpec, text: str) -> FunctionSpec:
    return msgspec.structs.replace(
        function,
        description=f"{function.description} {text}",
        parameters=_attacked_schema(function.parameters, text),
    )


def _attacked_schema(schema: Any, text: str) -> Any:
    """Return a schema with the text in each description."""
    if not isinstance(schema, dict):
        return schema
    return {
        key: f"{value} {text}" if key == "description" else _attacked_schema(value, text)
        for key, value in schema.items()
    }
