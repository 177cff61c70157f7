"""From requests of `/v1/responses` to those of `/v1/chat/completions`, and back for errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from pisovereign.dialects.openai.response_types import (
    ChosenTool,
    InputCall,
    InputMessage,
    InputResult,
    InputText,
    ResponseRequest,
    SchemaFormat,
)
from pisovereign.dialects.openai.types import (
    CalledFunction,
    CalledTool,
    ChatCompletion,
    Function,
    Message,
    Tool,
)
from pisovereign.engine_client import types as wire
from pisovereign.errors import FieldError, ValidationFailed
from pisovereign.validation import check

S = TypeVar("S", bound=msgspec.Struct)
_MESSAGE = re.compile(r"messages\[(\d+)\](.*)", re.DOTALL)
_CALL = re.compile(r"\.tool_calls\[(\d+)\](?:\.function)?(.*)", re.DOTALL)
_KINDS = "message, function_call or function_call_output"


class ChatForm(msgspec.Struct, frozen=True):
    """A request as a chat completion, and where in it each message comes from.

    Attributes:
        request: the same as `ChatCompletion`.
        places: of each message, the field that it was made of.
        calls: of each message, the fields that its calls were made of.
    """

    request: ChatCompletion
    places: list[str]
    calls: list[list[str]]

    def renamed(self, error: ValidationFailed) -> ValidationFailed:
        """Return an error of the same kind that names the fields as the client sent them."""
        return type(error)(
            [{"field": self._name(each["field"]), "error": each["error"]} for each in error.fields]
        )

    def _name(self, field: str) -> str:
        if found := _MESSAGE.fullmatch(field):
            at, rest = int(found[1]), found[2]
            if at < len(self.places):
                return self._name_in(at, rest)
        for start, own in (("messages", "input"), ("response_format", "text.format")):
            if field.startswith(start):
                return own
        return re.sub(r"^(tools\[\d+\])\.function", r"\1", field)

    def _name_in(self, at: int, rest: str) -> str:
        call = _CALL.fullmatch(rest)
        if call and int(call[1]) < len(self.calls[at]):
            return self.calls[at][int(call[1])] + call[2]
        return self.places[at] + rest.replace(".tool_call_id", ".call_id")


def chat_form(request: ResponseRequest) -> ChatForm:
    """Return a request as a chat completion.

    Raises:
        ValidationFailed: What `input` holds cannot be read; names each field.
    """
    reader = _InputReader()
    if request.instructions:
        reader.add(Message("system", request.instructions), "instructions")
    if isinstance(request.input, str):
        reader.add(Message("user", request.input), "input")
    else:
        for at, item in enumerate(request.input):
            reader.read(item, f"input[{at}]")
    if reader.errors:
        raise ValidationFailed(reader.errors)
    if not reader.messages:
        raise ValidationFailed([{"field": "input", "error": "holds no message"}])
    return ChatForm(_completion(request, reader.messages), reader.places, reader.calls)


class _InputReader:
    """Reads items one by one, and puts calls to the answer that made them."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.places: list[str] = []
        self.calls: list[list[str]] = []
        self.errors: list[FieldError] = []

    def add(self, message: Message, place: str) -> None:
        """Add a message that was made of the field `place`."""
        self.messages.append(message)
        self.places.append(place)
        self.calls.append([])

    def read(self, item: Mapping[str, Any], place: str) -> None:
        """Add what an item says."""
        match item.get("type", "message"):
            case "message":
                if (said := self._checked(item, InputMessage, place)) is not None:
                    text = self._text(said.content, f"{place}.content")
                    self.add(Message(said.role, text), place)
            case "function_call":
                if (call := self._checked(item, InputCall, place)) is not None:
                    self._add_call(call, place)
            case "function_call_output":
                if (result := self._checked(item, InputResult, place)) is not None:
                    text = self._text(result.output, f"{place}.output")
                    self.add(Message("tool", text, tool_call_id=result.call_id), place)
            case "reasoning":  # of an answer before; models do not get their thoughts back
                pass
            case _:
                self.errors.append({"field": f"{place}.type", "error": f"must be {_KINDS}"})

    def _add_call(self, call: InputCall, place: str) -> None:
        made = CalledTool(call.call_id, CalledFunction(call.name, call.arguments))
        if not self.messages or self.messages[-1].role != "assistant":
            self.add(Message("assistant"), place)
        last = self.messages[-1]
        calls = [*(last.tool_calls or ()), made]
        self.messages[-1] = msgspec.structs.replace(last, tool_calls=calls)
        self.calls[-1].append(place)

    def _text(self, content: str | list[dict[str, Any]], place: str) -> str:
        if isinstance(content, str):
            return content
        parts = (
            self._checked(part, InputText, f"{place}[{at}]") for at, part in enumerate(content)
        )
        return "\n".join(part.text for part in parts if part is not None)

    def _checked(self, item: object, struct: type[S], place: str) -> S | None:
        value, errors = check(item, struct, place, ignore_unknown=True)
        self.errors += errors
        return value


def _completion(request: ResponseRequest, messages: list[Message]) -> ChatCompletion:
    return ChatCompletion(
        model=request.model,
        messages=messages,
        temperature=request.temperature,
        top_p=request.top_p,
        max_tokens=request.max_output_tokens,
        response_format=_response_format(request),
        tools=[
            Tool(Function(tool.name, tool.description, tool.parameters, tool.strict))
            for tool in request.tools or ()
        ],
        tool_choice=_tool_choice(request),
        parallel_tool_calls=request.parallel_tool_calls is not False,
        reasoning_effort=request.reasoning.effort if request.reasoning else None,
    )


def _tool_choice(request: ResponseRequest) -> wire.ToolChoice | None:
    choice = request.tool_choice
    if isinstance(choice, ChosenTool):
        return wire.NamedToolChoice(wire.ChosenFunction(choice.name))
    return choice


def _response_format(
    request: ResponseRequest,
) -> wire.TextFormat | wire.JsonObjectFormat | wire.JsonSchemaFormat | None:
    form = request.text.format if request.text else None
    if not isinstance(form, SchemaFormat):
        return form
    return wire.JsonSchemaFormat(
        wire.JsonSchema(form.schema, form.name, form.strict is not False, form.description or "")
    )
