"""Making a conversation such as a template knows it: some refuse system prompts, tools, or results.

What is changed depends on earlier messages only, so a longer conversation begins as before.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import msgspec

from pisovereign.engine.templates.sandbox import RoleName
from pisovereign.engine.tool_calls.formats import CallFormat
from pisovereign.engine_client.types import Message, Role, Tool, ToolCall

TOOLS_TEXT = """# Tools

You may call one or more functions to assist with the user query.

You are provided with function signatures within <tools></tools> XML tags:
<tools>
{}
</tools>

For each function call, return a json object with function name and arguments within \
<tool_call></tool_call> XML tags:
<tool_call>
{{"name": <function-name>, "arguments": <args-json-object>}}
</tool_call>"""


@dataclass(frozen=True, slots=True)
class Adaptation:
    """The features that a template knows; what it does not is told to the model in other words.

    Attributes:
        system: a system prompt; else it stands before the first message of the user.
        late_system: system messages later on; else they are the user's.
        tools: tools; else they are described in the system prompt, in the way of Hermes.
        calls: calls in messages of the assistant; else they are text, in the way of Hermes.
        results: the role `tool` after a call; else results are the user's, in tags.
        orphans: the same without a call before them.
        repeats: several messages of one role in a row; else they are put together.
        objects: a call's arguments as an object; else as JSON text.
    """

    system: bool = True
    late_system: bool = True
    tools: bool = True
    calls: bool = True
    results: bool = True
    orphans: bool = True
    repeats: bool = True
    objects: bool = True


Write = Callable[..., str]
Join = Callable[[str, Sequence[str]], str]


def plain_tool(tool: Tool) -> dict[str, Any]:
    """Return a tool with its fields in the order that models were trained with."""
    function = tool.function
    described = {
        "name": function.name,
        "description": function.description,
        "parameters": function.parameters or {"type": "object", "properties": {}},
    }
    return {"type": "function", "function": described}


def tools_text(write: Write, tools: Sequence[Tool]) -> str:
    """Return how the model is told of tools by a template that knows none."""
    signatures = "\n".join(json.dumps(plain_tool(tool), ensure_ascii=False) for tool in tools)
    return write(TOOLS_TEXT, signatures)


def call_text(write: Write, calls: Sequence[ToolCall], notation: CallFormat | None) -> str:
    """Return calls as the model itself writes them."""
    if notation is CallFormat.LFM:
        written = ", ".join(_python_call(call) for call in calls)
        return write("<|tool_call_start|>[{}]<|tool_call_end|>", written)
    objects = [_json_call(call) for call in calls]
    if notation is CallFormat.GRANITE:
        return write("<|tool_call|>[{}]", ", ".join(objects))
    return write("\n".join("<tool_call>\n{}\n</tool_call>" for _ in objects), *objects)


def result_text(write: Write, content: str) -> str:
    """Return a result as the user's text."""
    return write("<tool_response>\n{}\n</tool_response>", content)


def _json_call(call: ToolCall) -> str:
    name, arguments = json.dumps(call.function.name), call.function.arguments or "{}"
    return f'{{"name": {name}, "arguments": {arguments}}}'


def _python_call(call: ToolCall) -> str:
    arguments = _arguments(call).items()
    return f"{call.function.name}({', '.join(f'{name}={value!r}' for name, value in arguments)})"


def _arguments(call: ToolCall) -> dict[str, Any]:
    text = call.function.arguments or "{}"
    try:
        parsed = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        # A client's history may have what a model was cut off in.
        parsed = None
    return parsed if isinstance(parsed, dict) else {"arguments": text}


def adapt(
    messages: Sequence[Message],
    tools: Sequence[Tool],
    known: Adaptation,
    notation: CallFormat | None,
    write: Write,
) -> list[dict[str, Any]]:
    """Return the messages as a template takes them.

    Args:
        messages: the conversation.
        tools: the tools that the model is told of.
        known: what the template knows.
        notation: how the model writes calls.
        write: fills others' texts into one of ours that has marks.
    """
    # What is put together must not lose that the marks in it are ours.
    join = functools.partial(_join, write)
    adapted = _with_tools(list(messages), () if known.tools else tools, write, join)
    adapted = list(_results_and_calls(adapted, known, notation, write, join))
    adapted = list(_system(adapted, known, join))
    if not known.repeats:
        adapted = list(_put_together(adapted, join))
    return [_plain(message, known) for message in _named(adapted)]


def _join(write: Write, separator: str, texts: Sequence[str]) -> str:
    """Return texts as one, in which the marks of ours stay marks."""
    return write(separator.join("{}" for _ in texts), *texts)


def _with_tools(
    messages: list[Message], tools: Sequence[Tool], write: Write, join: Join
) -> list[Message]:
    if not tools:
        return messages
    text = tools_text(write, tools)
    if messages and messages[0].role == "system":
        return [Message("system", join("\n\n", [messages[0].content, text])), *messages[1:]]
    return [Message("system", text), *messages]


def _results_and_calls(
    messages: Sequence[Message],
    known: Adaptation,
    notation: CallFormat | None,
    write: Write,
    join: Join,
) -> Iterator[Message]:
    called = False
    for message in messages:
        if message.role == "tool":
            if not (known.results if called else known.orphans):
                yield Message("user", result_text(write, message.content))
                continue
        else:
            called = bool(message.tool_calls)
        if message.tool_calls and not known.calls:
            parts = [message.content] if message.content else []
            parts.append(call_text(write, message.tool_calls, notation))
            yield Message("assistant", join("\n", parts))
        else:
            yield message


def _system(messages: Sequence[Message], known: Adaptation, join: Join) -> Iterator[Message]:
    """Yield the messages with system messages where the template takes them."""
    waiting: list[str] = []
    for index, message in enumerate(messages):
        if message.role == "system" and not (known.late_system if index else known.system):
            waiting.append(message.content)
            continue
        if waiting and message.role == "user":
            yield replace_content(message, join("\n\n", [*waiting, message.content]))
        elif waiting:
            yield Message("user", join("\n\n", waiting))
            yield message
        else:
            yield message
        waiting = []
    if waiting:
        yield Message("user", join("\n\n", waiting))


def _put_together(messages: Sequence[Message], join: Join) -> Iterator[Message]:
    last: Message | None = None
    for message in messages:
        joins = last is not None and message.role == last.role and message.role != "tool"
        if last is not None and joins and not (last.tool_calls or message.tool_calls):
            last = replace_content(last, join("\n\n", [last.content, message.content]))
            continue
        if last is not None:
            yield last
        last = message
    if last is not None:
        yield last


def replace_content(message: Message, content: str) -> Message:
    """Return the message with another text."""
    return msgspec.structs.replace(message, content=content)


def _named(messages: Sequence[Message]) -> Iterator[Message]:
    """Yield the messages, each result with the name of the function that gave it."""
    names: dict[str, str] = {}
    for message in messages:
        for call in message.tool_calls or ():
            names[call.id] = call.function.name
        if message.role == "tool" and message.name is None:
            name = names.get(message.tool_call_id or "", "tool")
            yield msgspec.structs.replace(message, name=name)
        else:
            yield message


def _plain(message: Message, known: Adaptation) -> dict[str, Any]:
    plain: dict[str, Any] = {"role": role_name(message.role), "content": message.content}
    if message.tool_calls:
        plain["tool_calls"] = [_plain_call(call, known) for call in message.tool_calls]
    if message.role == "tool":
        plain["name"] = message.name
        plain["tool_call_id"] = _short_id(message.tool_call_id or "")
    return plain


def role_name(role: Role) -> RoleName:
    """Return a role as templates get it."""
    return RoleName(role)


def _plain_call(call: ToolCall, known: Adaptation) -> dict[str, Any]:
    arguments: Any = _arguments(call) if known.objects else call.function.arguments or "{}"
    function = {"name": call.function.name, "arguments": arguments}
    return {"id": _short_id(call.id), "type": "function", "function": function}


def _short_id(call_id: str) -> str:
    """Return an id of nine letters and digits, which is what some templates insist on."""
    return blake2b(call_id.encode("utf-8", "replace"), digest_size=5).hexdigest()[:9]
