"""Chat templates, as the engine asks them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pisovereign.engine.templates.reasoning import ReasoningMarks
from pisovereign.engine.templates.segments import Segment
from pisovereign.engine.tool_calls.formats import CallFormat
from pisovereign.engine_client.types import Message, ReasoningEffort, Tool


class ChatTemplate(Protocol):
    """How one model marks up a conversation.

    Every prompt is static before volatile: system prompt, tools, conversation.
    """

    @property
    def name(self) -> str:
        """Return what it is called: `own`, or the name of a known one."""

    @property
    def specials(self) -> tuple[str, ...]:
        """Return every token that it writes as such; a vocabulary without one does not fit."""

    @property
    def ends(self) -> tuple[str, ...]:
        """Return those of them that end an answer when a model writes one."""

    @property
    def call_format(self) -> CallFormat | None:
        """Return how the model is told to call tools; None if it cannot be told."""

    @property
    def reasoning(self) -> ReasoningMarks | None:
        """Return the marks of what the model thinks; None if it does not think first."""

    def render(
        self,
        messages: Sequence[Message],
        tools: Sequence[Tool] = (),
        *,
        effort: ReasoningEffort | None = None,
        add_answer: bool = True,
    ) -> list[Segment]:
        """Return the whole prompt, which ends where the answer begins."""

    def front(
        self,
        messages: Sequence[Message],
        tools: Sequence[Tool] = (),
        *,
        effort: ReasoningEffort | None = None,
    ) -> list[Segment]:
        """Return what every prompt with this system prompt and these tools begins with.

        Its tokens are the first ones of such a prompt.
        """
