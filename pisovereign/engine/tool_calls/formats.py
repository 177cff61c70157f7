"""The notations in which models call tools."""

from __future__ import annotations

from enum import StrEnum


class CallFormat(StrEnum):
    """How a model writes a call.

    `hermes` is JSON in `<tool_call>` tags, `qwen_xml` a tag for each argument (Qwen3-Coder and
    Qwen3.5), `llama3` a JSON object as the whole answer, `gemma` and `functiongemma` braces with
    bare names, `lfm` a list of Python calls, `granite` and `mistral` a JSON array behind a mark,
    `mistral_args` name and JSON between marks. `json` is a JSON object, perhaps in a code fence,
    for a model whose template tells it nothing of tools.
    """

    HERMES = "hermes"
    QWEN_XML = "qwen_xml"
    LLAMA3 = "llama3"
    GEMMA = "gemma"
    FUNCTIONGEMMA = "functiongemma"
    LFM = "lfm"
    GRANITE = "granite"
    MISTRAL = "mistral"
    MISTRAL_ARGS = "mistral_args"
    JSON = "json"


# What stands in a template of this format, the most telling first.
_SIGNS: tuple[tuple[CallFormat, tuple[str, ...]], ...] = (
    (CallFormat.GEMMA, ("<|tool_call>",)),
    (CallFormat.FUNCTIONGEMMA, ("<start_function_call>",)),
    (CallFormat.QWEN_XML, ("<tool_call>", "<function=", "<parameter=")),
    (CallFormat.MISTRAL_ARGS, ("[TOOL_CALLS]", "[ARGS]")),
    (CallFormat.MISTRAL, ("[TOOL_CALLS]",)),
    (CallFormat.GRANITE, ("<|tool_call|>",)),
    (CallFormat.HERMES, ("<tool_call>",)),
    (CallFormat.LFM, ("<|tool_call_start|>",)),
    (CallFormat.LFM, ("List of tools: ",)),
    (CallFormat.LLAMA3, ("<|start_header_id|>", '"parameters": ')),
)


def detect_call_format(template: str) -> CallFormat | None:
    """Return the format that a template (its source) asks for; None if it tells of no tools."""
    if "tools" not in template:
        return None
    for call_format, signs in _SIGNS:
        if all(sign in template for sign in signs):
            return call_format
    return CallFormat.JSON
