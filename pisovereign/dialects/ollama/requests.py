"""From Ollama's requests to the engine's: messages, tools, the form of an answer, and options."""

from __future__ import annotations

from collections.abc import Sequence

from pisovereign.config import InferenceConfig
from pisovereign.dialects.ollama.types import Chat, Format, Generate, Message, Options, Think, Tool
from pisovereign.engine_client import types as wire
from pisovereign.engine_client.arguments import decode_arguments
from pisovereign.engine_client.tool_schemas import supported_part
from pisovereign.errors import FieldError, ValidationFailed

MOST_TOKENS = 8192
_LONGEST_DESCRIPTION = 4096
_NO_PICTURES = "are not understood: only text is"


def chat_messages(messages: Sequence[Message]) -> list[wire.Message]:
    """Return the messages as the engine gets them.

    Results are told apart by id, by the function's name, or else by their order: Home Assistant
    sends neither. A result of a call that is not there, because its client has cut the history off
    there, is left out.

    Raises:
        ValidationFailed: pictures, or arguments that nobody can read; names each.
    """
    errors: list[FieldError] = []
    sent: list[wire.Message] = []
    open_calls: list[wire.ToolCall] = []
    for at, message in enumerate(messages):
        if message.images:
            errors.append(_wrong(f"messages[{at}].images", _NO_PICTURES))
        if message.role == "tool":
            call = _answered(message, open_calls)
            if call is not None:
                open_calls.remove(call)
                sent.append(_result(message, call))
            continue
        calls = _calls(message, at, errors)
        if message.role != "system":
            open_calls = list(calls)
        sent.append(wire.Message(message.role, message.content or "", tool_calls=calls or None))
    if errors:
        raise ValidationFailed(errors)
    return sent


def _calls(message: Message, at: int, errors: list[FieldError]) -> list[wire.ToolCall]:
    if message.role != "assistant":
        return []
    calls = []
    for number, call in enumerate(message.tool_calls or ()):
        path = f"messages[{at}].tool_calls[{number}].function.arguments"
        try:
            text = wire.encode(call.function.arguments).decode()
        except RecursionError:
            text = ""
        if not text or decode_arguments(text) is None:
            errors.append(_wrong(path, "are nested too deeply"))
        # The same again whenever the conversation is sent again.
        identifier = call.id or f"call_{at}_{number}"
        calls.append(wire.ToolCall(identifier, wire.FunctionCall(call.function.name, text)))
    return calls


def _answered(message: Message, open_calls: Sequence[wire.ToolCall]) -> wire.ToolCall | None:
    """Return the call that a result answers to; None: there is none."""
    for call in open_calls:
        if message.tool_call_id and call.id == message.tool_call_id:
            return call
    for call in open_calls:
        if message.tool_name in (None, "", call.function.name):
            return call
    return None


def _result(message: Message, call: wire.ToolCall) -> wire.Message:
    return wire.Message(
        "tool", message.content or "", tool_call_id=call.id, name=call.function.name
    )


def without_oldest(messages: Sequence[wire.Message], turns: int) -> list[wire.Message] | None:
    """Return the messages without the oldest turns; None: only the newest would be left.

    What a system message says stays. A turn begins with what its user says.
    """
    begins = [at for at, message in enumerate(messages) if message.role == "user"]
    if turns >= len(begins):
        return None
    start = begins[turns]
    kept = [message for message in messages[:start] if message.role == "system"]
    return [*kept, *messages[start:]]


def prompt_messages(request: Generate) -> list[wire.Message]:
    """Return the messages of a request that is one text.

    Raises:
        ValidationFailed: it wants what there is not; names each.
    """
    unknown = {
        "images": (request.images, _NO_PICTURES),
        "suffix": (request.suffix, "is not possible: nothing is filled in"),
        "template": (request.template, "is not possible: the model's own is used"),
        "raw": (request.raw, "is not possible: the model's template is used"),
    }
    errors = [_wrong(field, text) for field, (value, text) in unknown.items() if value]
    if errors:
        raise ValidationFailed(errors)
    system = [wire.Message("system", request.system)] if request.system else []
    return [*system, wire.Message("user", request.prompt or "")]


def tools_of(request: Chat, *, own: bool) -> list[wire.Tool] | None:
    """Return the tools as the engine is told of them; None: there are none.

    Args:
        request: the request.
        own: it is our engine, which refuses schemas that it cannot hold a model to.

    Raises:
        ValidationFailed: a name that is there twice.
    """
    names = [tool.function.name for tool in request.tools or ()]
    if len(set(names)) < len(names):
        raise ValidationFailed([_wrong("tools", "hold a name twice")])
    return [_tool(tool, own=own) for tool in request.tools or ()] or None


def _tool(tool: Tool, *, own: bool) -> wire.Tool:
    function = tool.function
    parameters = function.parameters or {"type": "object", "properties": {}}
    description = (function.description or "")[:_LONGEST_DESCRIPTION]
    return wire.Tool(
        wire.FunctionSpec(
            function.name, description, supported_part(parameters) if own else parameters
        )
    )


def answer_form(
    asked: Format | None, *, own: bool
) -> wire.JsonObjectFormat | wire.JsonSchemaFormat | None:
    """Return the form that an answer must have; None: any."""
    if asked is None or asked == "":
        return None
    if isinstance(asked, str):
        return wire.JsonObjectFormat()
    return wire.JsonSchemaFormat(wire.JsonSchema(supported_part(asked) if own else asked))


def effort(think: Think | None) -> wire.ReasoningEffort | None:
    """Return how much is thought first: nothing, unless it is asked for."""
    if isinstance(think, str):
        return think
    return "medium" if think else None


def engine_request(
    model: str, messages: list[wire.Message], options: Options, defaults: InferenceConfig
) -> wire.ChatRequest:
    """Return the engine's form of a request, as far as all requests have the same.

    Args:
        model: which is asked.
        messages: what it is asked.
        options: how the answer is written.
        defaults: how, where they say nothing.
    """
    return wire.ChatRequest(
        model=model,
        messages=messages,
        stream=True,
        temperature=_given(options.temperature, defaults.temperature),
        top_p=_given(options.top_p, defaults.top_p),
        top_k=options.top_k,
        min_p=options.min_p,
        repeat_penalty=options.repeat_penalty,
        seed=options.seed,
        stop=options.stop or None,
        max_tokens=_tokens(options.num_predict, defaults.max_tokens),
    )


def in_ollamas_words(error: ValidationFailed) -> ValidationFailed:
    """Return an error of the engine with the field's name in this dialect."""
    return ValidationFailed(
        [_wrong(_renamed(field["field"]), field["error"]) for field in error.fields]
    )


def _renamed(field: str) -> str:
    return field.replace("response_format", "format", 1)


def _tokens(asked: int | None, default: int) -> int:
    if asked is None:
        return default
    return min(asked, MOST_TOKENS) if asked > 0 else MOST_TOKENS


def _given(value: float | None, default: float) -> float:
    return default if value is None else value


def _wrong(field: str, error: str) -> FieldError:
    return {"field": field, "error": error}
