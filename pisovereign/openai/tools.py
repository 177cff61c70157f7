"""Tools: how the model is told of them, and what it must write to call one.

Which tool may be called, and the form of its arguments, is not left to the model: where it has to
call one, a JSON schema holds it to that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from pisovereign.engine_client import types as wire
from pisovereign.errors import ValidationFailed
from pisovereign.openai.tool_schemas import SharedDefinitions
from pisovereign.openai.types import ChatCompletion, Function, Message, NamedTool

_TOLD = """\
# Tools

You may call one of these functions to help with the user's request:
<tools>
{tools}
</tools>
To call one, answer with its name and arguments alone, as JSON:
<tool_call>
{{"name": "...", "arguments": {{...}}}}
</tool_call>"""
_NO_ARGUMENTS: dict[str, Any] = {
    "type": "object",
    "properties": {},
    "additionalProperties": False,
}


class Tools(msgspec.Struct, frozen=True):
    """The functions that an answer may call, and whether it has to call one."""

    functions: list[Function]
    forced: bool

    @staticmethod
    def from_request(request: ChatCompletion) -> Tools | None:
        """Return the tools of a request; None: it has none, or forbids their use.

        Raises:
            ValidationFailed: Fields that do not go together.
        """
        functions = [tool.function for tool in request.tools or ()]
        choice = request.tool_choice
        if not functions:
            if choice not in {None, "none", "auto"}:
                raise _wrong("tool_choice", "needs tools")
            return None
        if len({function.name for function in functions}) < len(functions):
            raise _wrong("tools", "hold a name twice")
        if choice == "none":
            return None
        if not isinstance(request.response_format, wire.TextFormat | None):
            raise _wrong("response_format", "cannot be combined with tools, except of type text")
        if isinstance(choice, NamedTool):
            functions = [each for each in functions if each.name == choice.function.name]
            if not functions:
                raise _wrong("tool_choice", "names none of the tools")
        return Tools(functions, forced=choice not in {None, "auto"})

    def describe_in(self, messages: Sequence[wire.Message]) -> list[wire.Message]:
        """Return the messages with the tools described in the first, where they stay the same."""
        listed = "\n".join(
            msgspec.json.encode(_described(each)).decode() for each in self.functions
        )
        told = _TOLD.format(tools=listed)
        if messages[0].role == "system":
            first = wire.Message("system", f"{messages[0].content}\n\n{told}")
            return [first, *messages[1:]]
        return [wire.Message("system", told), *messages]

    def call_format(self) -> wire.JsonSchemaFormat:
        """Return the format that an answer with a call has to keep to.

        Raises:
            ValidationFailed: A schema that no call can be held to.
        """
        definitions = SharedDefinitions()
        calls = [self._call(each, definitions) for each in self.functions]
        schema = calls[0] if len(calls) == 1 else {"anyOf": calls}
        if definitions.shared:
            schema = {**schema, "$defs": definitions.shared}
        return wire.JsonSchemaFormat(wire.JsonSchema(schema, name="tool_call"))

    def _call(self, function: Function, definitions: SharedDefinitions) -> dict[str, Any]:
        arguments = definitions.adopt(
            function.name, function.parameters or _NO_ARGUMENTS, strict=bool(function.strict)
        )
        return {
            "type": "object",
            "properties": {"name": {"const": function.name}, "arguments": arguments},
            "required": ["name", "arguments"],
            "additionalProperties": False,
        }


def to_wire(message: Message, *, results_as_user: bool) -> wire.Message:
    """Return a message as the model gets it: calls and their results as text.

    Args:
        message: As it came.
        results_as_user: For servers that take the role `tool` only with calls in their own form.
    """
    text = message.text
    if message.role == "developer":
        return wire.Message("system", text)
    if message.role == "tool" and results_as_user:
        return wire.Message("user", f"<tool_response>\n{text}\n</tool_response>")
    calls = [_written(call) for call in message.tool_calls or ()]
    return wire.Message(message.role, "\n".join([text, *calls] if text else calls or [text]))


def _written(call: wire.ToolCall) -> str:
    name = msgspec.json.encode(call.function.name).decode()
    arguments = call.function.arguments or "{}"
    return f'<tool_call>\n{{"name": {name}, "arguments": {arguments}}}\n</tool_call>'


def _described(function: Function) -> dict[str, Any]:
    described: dict[str, Any] = {"name": function.name}
    if function.description:
        described["description"] = function.description
    return {**described, "parameters": function.parameters or _NO_ARGUMENTS}


def _wrong(field: str, error: str) -> ValidationFailed:
    return ValidationFailed([{"field": field, "error": error}])
