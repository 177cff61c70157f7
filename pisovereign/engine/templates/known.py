"""Chat templates of two families, for model files without a template that can be used."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from pisovereign.engine.templates.chat_template import ChatTemplate
from pisovereign.engine.templates.reasoning import ReasoningMarks
from pisovereign.engine.templates.segments import Segment, Special
from pisovereign.engine.tool_calls.formats import CallFormat
from pisovereign.engine_client.types import Message, ReasoningEffort, Role, Tool

_TOOLS = """# Tools

You may call one or more functions to assist with the user query.

You are provided with function signatures within <tools></tools> XML tags:
<tools>
{signatures}
</tools>

For each function call, return a json object with function name and arguments within \
<tool_call></tool_call> XML tags:
<tool_call>
{{"name": <function-name>, "arguments": <args-json-object>}}
</tool_call>"""


@dataclass(frozen=True, slots=True)
class KnownTemplate:
    """A template as code: a function for one message, and what stands around them.

    Attributes:
        name: what it is called.
        specials: every control token that it writes.
        prefix: what every prompt starts with.
        message: the segments of one message.
        answer: what precedes the assistant's answer.
    """

    name: str
    specials: tuple[str, ...]
    prefix: tuple[Segment, ...]
    message: Callable[[Role, str], list[Segment]]
    answer: tuple[Segment, ...]
    call_format: CallFormat | None = CallFormat.HERMES
    reasoning: ReasoningMarks | None = None

    @property
    def ends(self) -> tuple[str, ...]:
        """Return all of its control tokens: none of them is part of an answer."""
        return self.specials

    def render(
        self,
        messages: Sequence[Message],
        tools: Sequence[Tool] = (),
        *,
        effort: ReasoningEffort | None = None,
        add_answer: bool = True,
    ) -> list[Segment]:
        """Return the whole prompt."""
        del effort
        segments, rest = self._opening(messages, tools)
        for message in rest:
            segments += self.message(message.role, _content(message))
        return segments + list(self.answer) if add_answer else segments

    def front(
        self,
        messages: Sequence[Message],
        tools: Sequence[Tool] = (),
        *,
        effort: ReasoningEffort | None = None,
    ) -> list[Segment]:
        """Return what every prompt with this system prompt and these tools begins with."""
        del effort
        return self._opening(messages, tools)[0]

    def _opening(
        self, messages: Sequence[Message], tools: Sequence[Tool]
    ) -> tuple[list[Segment], Sequence[Message]]:
        """Return the segments of system prompt and tools, and the other messages."""
        parts: list[str] = []
        if messages and messages[0].role == "system":
            parts.append(messages[0].content)
            messages = messages[1:]
        if tools:
            signatures = "\n".join(json.dumps(_plain(t), ensure_ascii=False) for t in tools)
            parts.append(_TOOLS.format(signatures=signatures))
        segments = list(self.prefix)
        if parts:
            segments += self.message("system", "\n\n".join(parts))
        return segments, messages


def _plain(tool: Tool) -> object:
    return msgspec.to_builtins(tool)


def _content(message: Message) -> str:
    parts = [message.content] if message.content else []
    for call in message.tool_calls or ():
        name = json.dumps(call.function.name)
        arguments = call.function.arguments or "{}"
        parts.append(f'<tool_call>\n{{"name": {name}, "arguments": {arguments}}}\n</tool_call>')
    return "\n".join(parts)


_IM_START, _IM_END = Special("<|im_start|>"), Special("<|im_end|>")


def _chatml(role: Role, content: str) -> list[Segment]:
    shown: str = role
    if role == "tool":
        # Models of this family were trained to read results as the user's turn.
        shown, content = "user", f"<tool_response>\n{content}\n</tool_response>"
    return [_IM_START, f"{shown}\n{content}", _IM_END, "\n"]


_BEGIN, _EOT = Special("<|begin_of_text|>"), Special("<|eot_id|>")
_START_HEADER, _END_HEADER = Special("<|start_header_id|>"), Special("<|end_header_id|>")
_LLAMA3_ROLES: dict[Role, str] = {"tool": "ipython"}


def _llama3(role: Role, content: str) -> list[Segment]:
    shown = _LLAMA3_ROLES.get(role, role)
    return [_START_HEADER, shown, _END_HEADER, f"\n\n{content.strip()}", _EOT]


_CHATML = KnownTemplate(
    name="chatml",
    specials=(_IM_START.text, _IM_END.text),
    prefix=(),
    message=_chatml,
    answer=(_IM_START, "assistant\n"),
)
_LLAMA3 = KnownTemplate(
    name="llama3",
    specials=(_BEGIN.text, _EOT.text, _START_HEADER.text, _END_HEADER.text),
    prefix=(_BEGIN,),
    message=_llama3,
    answer=(_START_HEADER, "assistant", _END_HEADER, "\n\n"),
)

TEMPLATES: dict[str, ChatTemplate] = {"chatml": _CHATML, "llama3": _LLAMA3}
