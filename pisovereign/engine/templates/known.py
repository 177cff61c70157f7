"""Chat templates of two families, for model files without a template that can be used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pisovereign.engine.templates.adaptation import call_text, result_text, tools_text
from pisovereign.engine.templates.chat_template import ChatTemplate
from pisovereign.engine.templates.reasoning import ReasoningMarks
from pisovereign.engine.templates.segments import Segment, Special
from pisovereign.engine.tool_calls.formats import CallFormat
from pisovereign.engine_client.types import Message, ReasoningEffort, Role, Tool


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
            parts.append(tools_text(str.format, tools))
        segments = list(self.prefix)
        if parts:
            segments += self.message("system", "\n\n".join(parts))
        return segments, messages


def _content(message: Message) -> str:
    parts = [message.content] if message.content else []
    if message.tool_calls:
        parts.append(call_text(str.format, message.tool_calls, CallFormat.HERMES))
    return "\n".join(parts)


# Instead of the name of a known one: the one in the model's file.
AUTO = "auto"

_IM_START, _IM_END = Special("<|im_start|>"), Special("<|im_end|>")


def _chatml(role: Role, content: str) -> list[Segment]:
    shown: str = role
    if role == "tool":
        # Models of this family were trained to read results as the user's turn.
        shown, content = "user", result_text(str.format, content)
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
