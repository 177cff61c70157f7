from __future__ import annotations

import pytest

from pisovereign.engine.tool_calls.formats import CallFormat, detect_call_format


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{% if tools %}<tool_call>\n{{ call | tojson }}\n</tool_call>", CallFormat.HERMES),
        ("{% if tools %}<tool_call>\n<function={{ n }}>\n<parameter=", CallFormat.QWEN_XML),
        ("<|start_header_id|>{{ tools }}'\"parameters\": '", CallFormat.LLAMA3),
        ("{% if tools %}<|tool_call>call:{{ name }}", CallFormat.GEMMA),
        ("{% if tools %}<start_function_call>call:", CallFormat.FUNCTIONGEMMA),
        ("{% if tools %}List of tools: [", CallFormat.LFM),
        ("{% if tools %}<|tool_call_start|>[", CallFormat.LFM),
        ("{% if tools %}respond only with <|tool_call|> followed by", CallFormat.GRANITE),
        ("{% if tools %}[TOOL_CALLS][", CallFormat.MISTRAL),
        ("{% if tools %}[TOOL_CALLS]{{ name }}[ARGS]", CallFormat.MISTRAL_ARGS),
        ("{{ tools | tojson }}", CallFormat.JSON),
        ("{{ messages[0].content }}", None),
    ],
)
def test_what_a_template_asks_for(template: str, expected: CallFormat | None) -> None:
    assert detect_call_format(template) is expected
