"""The sandbox with its budget and placeholders writes what jinja2 alone writes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jinja2.ext import LoopControlExtension
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pisovereign.engine.templates.adaptation import adapt, plain_tool
from pisovereign.engine.templates.conversations import CALLING, HELLO, INTRICATE, TALK, TOOL
from pisovereign.engine.templates.sandbox import DAY
from pisovereign.engine_client.types import Message, Tool
from tests.engine.templates.support import NAMES, flat, published, source


def bare(name: str, **variables: Any) -> str:
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[LoopControlExtension]
    )

    def to_json(value: Any, ensure_ascii: bool = False, **options: Any) -> str:
        return json.dumps(value, ensure_ascii=ensure_ascii, **options)

    environment.filters["tojson"] = to_json
    environment.globals["raise_exception"] = pytest.fail
    environment.globals["strftime_now"] = lambda _format: DAY
    return environment.from_string(source(name)).render(
        bos_token="<s>", eos_token="</s>", **variables
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("thinking", [False, True])
@pytest.mark.parametrize("add_answer", [False, True])
@pytest.mark.parametrize(
    ("messages", "tools"),
    [
        (HELLO, []),
        (TALK, []),
        (TALK, [TOOL, *INTRICATE]),
        ([*CALLING, Message("assistant", "Done."), Message("user", "Größe? {{ x }}")], [TOOL]),
    ],
)
def test_it_writes_the_same(
    name: str, messages: list[Message], tools: list[Tool], thinking: bool, add_answer: bool
) -> None:
    template = published(name)
    known = template.adaptation
    written = template.write(
        messages, tools, effort="medium" if thinking else None, add_answer=add_answer
    )
    assert flat(written) == bare(
        name,
        messages=adapt(messages, tools, known, template.call_format, str.format),
        tools=[plain_tool(tool) for tool in tools] if tools and known.tools else None,
        add_generation_prompt=add_answer,
        enable_thinking=thinking,
        reasoning_effort="medium" if thinking else "low",
    )
