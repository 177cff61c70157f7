"""Chat templates of two families, for model files without a template that can be used."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace

from pisovereign.engine.templates.adaptation import Write, call_text, result_text, tools_text
from pisovereign.engine.templates.placeholders import Placeholders, without_placeholders
from pisovereign.engine.templates.reasoning import ReasoningMarks
from pisovereign.engine.templates.segments import Segment, Special
from pisovereign.engine.tool_calls.formats import CallFormat
from pisovereign.engine_client.types import Message, ReasoningEffort, Role, Tool

# What tools, calls and results are written with: tokens in some vocabularies.
_WORDS = (
    *("<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<tools>", "</tools>"),
)


@dataclass(frozen=True, slots=True)
class KnownTemplate:
    """A template as code: a function for one message, and what stands around them.

    Attributes:
        name: what it is called.
        ends: every control token that it writes: none of them is part of an answer.
        prefix: what every prompt starts with.
        message: the segments of one message.
        answer: what precedes the assistant's answer.
        tagged_results: whether results stand in tags.
        words: tokens of the vocabulary that calls and results are marked with.
    """

    name: str
    ends: tuple[str, ...]
    prefix: tuple[Segment, ...]
    message: Callable[[Role, str], list[Segment]]
    answer: tuple[Segment, ...]
    tagged_results: bool = False
    words: tuple[str, ...] = ()
    call_format: CallFormat | None = CallFormat.HERMES
    reasoning: ReasoningMarks | None = None

    @property
    def specials(self) -> tuple[str, ...]:
        """Return every token that it writes as such."""
        return (*self.ends, *self.words)

    def with_words(self, known: Container[str]) -> KnownTemplate:
        """Return the template for a vocabulary in which these words are tokens."""
        return replace(self, words=tuple(word for word in _WORDS if word in known))

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
        placeholders = Placeholders(self.words)
        segments, rest = self._opening(messages, tools, placeholders)
        for message in rest:
            content = self._content(message, placeholders.own_text)
            segments += self._written(message.role, content, placeholders)
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
        return self._opening(messages, tools, Placeholders(self.words))[0]

    def _opening(
        self, messages: Sequence[Message], tools: Sequence[Tool], placeholders: Placeholders
    ) -> tuple[list[Segment], Sequence[Message]]:
        """Return the segments of system prompt and tools, and the other messages."""
        parts: list[str] = []
        if messages and messages[0].role == "system":
            parts.append(without_placeholders(messages[0].content))
            messages = messages[1:]
        if tools:
            parts.append(tools_text(placeholders.own_text, tools))
        segments = list(self.prefix)
        if parts:
            segments += self._written("system", "\n\n".join(parts), placeholders)
        return segments, messages

    def _content(self, message: Message, write: Write) -> str:
        content = without_placeholders(message.content)
        if message.role == "tool" and self.tagged_results:
            return result_text(write, content)
        parts = [content] if content else []
        if message.tool_calls:
            parts.append(call_text(write, message.tool_calls, CallFormat.HERMES))
        return "\n".join(parts)

    def _written(self, role: Role, content: str, placeholders: Placeholders) -> list[Segment]:
        made: list[Segment] = []
        for segment in self.message(role, content):
            made += [segment] if isinstance(segment, Special) else placeholders.split(segment)
        return made


# Instead of the name of a known one: the one in the model's file.
AUTO = "auto"

_IM_START, _IM_END = Special("<|im_start|>"), Special("<|im_end|>")


def _chatml(role: Role, content: str) -> list[Segment]:
    shown: str = role
    if role == "tool":
        # Models of this family were trained to read results as the user's turn.
        shown = "user"
    return [_IM_START, f"{shown}\n{content}", _IM_END, "\n"]


_BEGIN, _EOT = Special("<|begin_of_text|>"), Special("<|eot_id|>")
_START_HEADER, _END_HEADER = Special("<|start_header_id|>"), Special("<|end_header_id|>")
_LLAMA3_ROLES: dict[Role, str] = {"tool": "ipython"}


def _llama3(role: Role, content: str) -> list[Segment]:
    shown = _LLAMA3_ROLES.get(role, role)
    return [_START_HEADER, shown, _END_HEADER, f"\n\n{content.strip()}", _EOT]


_CHATML = KnownTemplate(
    name="chatml",
    ends=(_IM_START.text, _IM_END.text),
    prefix=(),
    message=_chatml,
    answer=(_IM_START, "assistant\n"),
    tagged_results=True,
)
_LLAMA3 = KnownTemplate(
    name="llama3",
    ends=(_BEGIN.text, _EOT.text, _START_HEADER.text, _END_HEADER.text),
    prefix=(_BEGIN,),
    message=_llama3,
    answer=(_START_HEADER, "assistant", _END_HEADER, "\n\n"),
)

TEMPLATES: dict[str, KnownTemplate] = {"chatml": _CHATML, "llama3": _LLAMA3}
