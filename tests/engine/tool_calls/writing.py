"""Calls written as models of each family were trained to write them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from pisovereign.engine.tool_calls.formats import CallFormat

Call = tuple[str, dict[str, Any]]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _object(call: Call, key: str = "arguments") -> str:
    return f'{{"name": "{call[0]}", "{key}": {_json(call[1])}}}'


def hermes(calls: Sequence[Call]) -> str:
    return "\n".join(f"<tool_call>\n{_object(call)}\n</tool_call>" for call in calls)


def python_value(value: Any) -> str:
    match value:
        case list():
            return f"[{', '.join(map(python_value, value))}]"
        case dict():
            pairs = (f"{_json(k)}: {python_value(v)}" for k, v in value.items())
            return f"{{{', '.join(pairs)}}}"
        case None | bool():
            return str(value)
        case _:
            return _json(value)


def lfm(calls: Sequence[Call], opening: str, closing: str) -> str:
    written = [
        f"{name}({', '.join(f'{k}={python_value(v)}' for k, v in arguments.items())})"
        for name, arguments in calls
    ]
    return f"{opening}[{', '.join(written)}]{closing}"


def brace_value(value: Any, quote: str) -> str:
    match value:
        case str():
            return f"{quote}{value}{quote}"
        case list():
            return f"[{','.join(brace_value(each, quote) for each in value)}]"
        case dict():
            return f"{{{','.join(f'{k}:{brace_value(v, quote)}' for k, v in value.items())}}}"
        case _:
            return _json(value)


def gemma(calls: Sequence[Call], opening: str, closing: str, quote: str) -> str:
    return "".join(
        f"{opening}call:{name}{brace_value(arguments, quote)}{closing}" for name, arguments in calls
    )


def _tagged_value(value: Any) -> str:
    return value if isinstance(value, str) else _json(value)


def tagged(calls: Sequence[Call]) -> str:
    written = []
    for name, arguments in calls:
        parameters = "".join(
            f"<parameter={k}>\n{_tagged_value(v)}\n</parameter>\n" for k, v in arguments.items()
        )
        written.append(f"<tool_call>\n<function={name}>\n{parameters}</function>\n</tool_call>")
    return "\n".join(written)


WRITERS: dict[CallFormat, Callable[[Sequence[Call]], str]] = {
    CallFormat.HERMES: hermes,
    CallFormat.QWEN_XML: tagged,
    CallFormat.LLAMA3: lambda calls: _object(calls[0], "parameters"),
    CallFormat.GEMMA: lambda calls: gemma(calls, "<|tool_call>", "<tool_call|>", '<|"|>'),
    CallFormat.FUNCTIONGEMMA: lambda calls: gemma(
        calls, "<start_function_call>", "<end_function_call>", "<escape>"
    ),
    CallFormat.LFM: lambda calls: lfm(calls, "<|tool_call_start|>", "<|tool_call_end|>"),
    CallFormat.GRANITE: lambda calls: f"<|tool_call|>[{', '.join(map(_object, calls))}]",
    CallFormat.MISTRAL: lambda calls: f"[TOOL_CALLS][{', '.join(map(_object, calls))}]",
    CallFormat.MISTRAL_ARGS: lambda calls: "".join(
        f"[TOOL_CALLS]{name}[ARGS]{_json(arguments)}" for name, arguments in calls
    ),
    CallFormat.JSON: lambda calls: _object(calls[0]),
}
SINGLE = frozenset({CallFormat.LLAMA3, CallFormat.JSON})
