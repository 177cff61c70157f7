"""From OpenAI's requests to the engine's: tools, the choice among them, and messages."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pisovereign.dialects.openai.types import ChatCompletion, Function, Message
from pisovereign.engine_client import types as wire
from pisovereign.engine_client.arguments import decode_arguments
from pisovereign.engine_client.tool_schemas import supported_part
from pisovereign.errors import FieldError, ValidationFailed


class CallableTools(msgspec.Struct, frozen=True):
    """The tools of a request, and the choice among them; both None if there are none."""

    tools: list[wire.Tool] | None
    choice: wire.ToolChoice | None


def callable_tools(request: ChatCompletion, *, own: bool) -> CallableTools:
    """Return the tools as the engine is told of them.

    Args:
        request: The request.
        own: It is our engine, which refuses schemas that it cannot hold a model to.

    Raises:
        ValidationFailed: Fields that do not go together.
    """
    functions = [tool.function for tool in request.tools or ()]
    choice = request.tool_choice
    if not functions:
        if choice not in {None, "none", "auto"}:
            raise ValidationFailed([_wrong("tool_choice", "needs tools")])
        return CallableTools(None, None)
    names = [function.name for function in functions]
    if len(set(names)) < len(names):
        raise ValidationFailed([_wrong("tools", "hold a name twice")])
    if isinstance(choice, wire.NamedToolChoice) and choice.function.name not in names:
        raise ValidationFailed([_wrong("tool_choice", "names none of the tools")])
    return CallableTools([_tool(function, own=own) for function in functions], choice)


def _tool(function: Function, *, own: bool) -> wire.Tool:
    parameters = function.parameters or {"type": "object", "properties": {}}
    if own and not function.strict:
        parameters = supported_part(parameters)
    return wire.Tool(wire.FunctionSpec(function.name, function.description or "", parameters))


def checked_messages(messages: Sequence[Message]) -> list[wire.Message]:
    """Return the messages as the engine gets them.

    Raises:
        ValidationFailed: A result that answers no call, arguments that are no object, or a message
            that says nothing; names each.
    """
    errors: list[FieldError] = []
    called: set[str] = set()
    for at, message in enumerate(messages):
        errors += _errors(message, f"messages[{at}]", called)
        called |= {call.id for call in message.tool_calls or ()}
    if errors:
        raise ValidationFailed(errors)
    return [_to_wire(message) for message in messages]


def _errors(message: Message, path: str, called: set[str]) -> list[FieldError]:
    if message.tool_calls and message.role != "assistant":
        return [_wrong(f"{path}.tool_calls", "only an assistant calls tools")]
    if message.role == "tool":
        if message.tool_call_id is None:
            return [_wrong(f"{path}.tool_call_id", "is required")]
        if message.tool_call_id not in called:
            return [_wrong(f"{path}.tool_call_id", "is none of the calls before it")]
    elif message.content is None and not message.tool_calls:
        return [_wrong(f"{path}.content", "is required")]
    return [
        _wrong(f"{path}.tool_calls[{at}].function.arguments", "must be a JSON object")
        for at, call in enumerate(message.tool_calls or ())
        if decode_arguments(call.function.arguments) is None
    ]


def _to_wire(message: Message) -> wire.Message:
    if message.role == "developer":
        return wire.Message("system", message.text)
    calls = [
        wire.ToolCall(
            call.id, wire.FunctionCall(call.function.name, call.function.arguments or "{}")
        )
        for call in message.tool_calls or ()
    ]
    return wire.Message(
        message.role,
        message.text,
        tool_calls=calls or None,
        tool_call_id=message.tool_call_id if message.role == "tool" else None,
        name=message.name if message.role == "tool" else None,
    )


def _wrong(field: str, error: str) -> FieldError:
    return {"field": field, "error": error}
