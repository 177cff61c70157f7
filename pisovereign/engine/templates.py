"""Chat templates of the known models, as code.

A template that comes inside a model file is neither read nor executed. A rendered prompt is a list
of segments: `Special` names one control token, plain `str` is text that the tokenizer must treat as
text. So nothing that a user, a tool or a document writes can become a control token.

Every prompt is static before volatile: rendering a longer conversation only appends segments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pisovereign.engine_client.types import Message, Role


@dataclass(frozen=True, slots=True)
class Special:
    """A control token, by its text in the vocabulary."""

    text: str


Segment = Special | str


@dataclass(frozen=True, slots=True)
class Template:
    """How one family of models marks up a conversation.

    Attributes:
        specials: every control token that the renderer uses; a model without one of them does not
            fit the template.
        prefix: what every prompt starts with.
        message: the segments of one message.
        answer: what precedes the assistant's answer.
    """

    name: str
    specials: tuple[str, ...]
    prefix: tuple[Segment, ...]
    message: Callable[[Message], list[Segment]]
    answer: tuple[Segment, ...]

    def render(self, messages: Sequence[Message]) -> list[Segment]:
        """Render the whole prompt, ending where the assistant's answer begins."""
        segments = list(self.prefix)
        for message in messages:
            segments += self.message(message)
        segments += self.answer
        return segments

    def render_system(self, messages: Sequence[Message]) -> list[Segment]:
        """Render the leading system messages only: the part that all users share."""
        segments = list(self.prefix)
        for message in messages:
            if message.role != "system":
                break
            segments += self.message(message)
        return segments


_IM_START, _IM_END = Special("<|im_start|>"), Special("<|im_end|>")


def _chatml(message: Message) -> list[Segment]:
    role, content = message.role, message.content
    if role == "tool":
        # Models of this family were trained to read results as the user's turn.
        role, content = "user", f"<tool_response>\n{content}\n</tool_response>"
    return [_IM_START, f"{role}\n{content}", _IM_END, "\n"]


_BEGIN, _EOT = Special("<|begin_of_text|>"), Special("<|eot_id|>")
_START_HEADER, _END_HEADER = Special("<|start_header_id|>"), Special("<|end_header_id|>")
_LLAMA3_ROLES: dict[Role, str] = {"tool": "ipython"}


def _llama3(message: Message) -> list[Segment]:
    role = _LLAMA3_ROLES.get(message.role, message.role)
    return [_START_HEADER, role, _END_HEADER, f"\n\n{message.content.strip()}", _EOT]


_CHATML = Template(
    name="chatml",
    specials=(_IM_START.text, _IM_END.text),
    prefix=(),
    message=_chatml,
    answer=(_IM_START, "assistant\n"),
)
_LLAMA3 = Template(
    name="llama3",
    specials=(_BEGIN.text, _EOT.text, _START_HEADER.text, _END_HEADER.text),
    prefix=(_BEGIN,),
    message=_llama3,
    answer=(_START_HEADER, "assistant", _END_HEADER, "\n\n"),
)

TEMPLATES = {template.name: template for template in (_CHATML, _LLAMA3)}
