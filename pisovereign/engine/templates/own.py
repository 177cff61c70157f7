"""The template that a model file brings along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from pisovereign.engine.templates.adaptation import Adaptation, adapt, plain_tool
from pisovereign.engine.templates.compiled import CompiledTemplate
from pisovereign.engine.templates.history import AnswerOpening, common_front, merged
from pisovereign.engine.templates.reasoning import ReasoningMarks, begins_inside
from pisovereign.engine.templates.segments import Segment, Special
from pisovereign.engine.tool_calls.formats import CallFormat
from pisovereign.engine_client.types import Message, ReasoningEffort, Tool

OWN = "own"
# Of most prompts there is one front; of few, one for each set of tools.
_FRONTS = 8
_PROBES = ("A", "z 1")


@dataclass(frozen=True)
class OwnTemplate:
    """A compiled template with what was found out about it.

    Attributes:
        plain: the template.
        with_tools: another one for conversations with tools; often the same.
        adaptation: what it knows.
        specials: every mark that it may write.
        ends: marks that end an answer.
        call_format: how the model is told to call tools.
        reasoning: the marks of what the model thinks.
        bos: what every prompt begins with, if the template does not write it.
        opening: how an answer begins.
        names_effort: whether the template takes an effort.
        empty_tools: whether it wants an empty list where there are no tools.
        ends_whole: whether it ends a prompt in which no answer begins with marks of its own.
    """

    plain: CompiledTemplate
    with_tools: CompiledTemplate
    adaptation: Adaptation = field(default_factory=Adaptation)
    specials: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    call_format: CallFormat | None = None
    reasoning: ReasoningMarks | None = None
    bos: Special | None = None
    opening: AnswerOpening = field(default_factory=AnswerOpening)
    names_effort: bool = True
    empty_tools: bool = False
    ends_whole: bool = False
    name: str = OWN
    _fronts: dict[tuple[str, bytes, bool], list[Segment]] = field(default_factory=dict)

    def render(
        self,
        messages: Sequence[Message],
        tools: Sequence[Tool] = (),
        *,
        effort: ReasoningEffort | None = None,
        add_answer: bool = True,
    ) -> list[Segment]:
        """Return the whole prompt, which ends where the answer begins.

        Raises:
            Unusable: the template refuses the conversation.
        """
        segments = self.write(messages, tools, effort=effort, add_answer=add_answer)
        if self.ends_whole and not add_answer:
            segments = common_front(segments, self.write(messages, tools, effort=effort))
        if thinks(effort):
            return segments
        if add_answer and self.reasoning and begins_inside(self.reasoning, segments):
            # The template opens the marks whatever it is told: they are closed at once.
            segments = merged([*segments, *self._closing(self.reasoning)])
        return self.opening.in_history(segments)

    def write(
        self,
        messages: Sequence[Message],
        tools: Sequence[Tool] = (),
        *,
        effort: ReasoningEffort | None = None,
        add_answer: bool = True,
    ) -> list[Segment]:
        """Return what the template itself writes."""
        template = self.with_tools if tools else self.plain
        variables: dict[str, Any] = {
            "messages": adapt(
                messages, tools, self.adaptation, self.call_format, template.own_text
            ),
            "tools": self._tools(tools),
            "add_generation_prompt": add_answer,
            **_thinking(effort),
        }
        if not self.names_effort:
            del variables["reasoning_effort"]
        segments = template.render(variables)
        if self.bos is not None and segments[:1] != [self.bos]:
            segments.insert(0, self.bos)
        return segments

    def front(
        self,
        messages: Sequence[Message],
        tools: Sequence[Tool] = (),
        *,
        effort: ReasoningEffort | None = None,
    ) -> list[Segment]:
        """Return what every prompt with this system prompt and these tools begins with."""
        system = list(messages[:1]) if messages and messages[0].role == "system" else []
        text = system[0].content if system else ""
        key = (text, msgspec.json.encode(list(tools)), thinks(effort))
        found = self._fronts.get(key)
        if found is None:
            first, second = (
                self.render([*system, Message("user", probe)], tools, effort=effort)
                for probe in _PROBES
            )
            found = common_front(first, second)
            if self.adaptation.system:
                # The text may be cut off within a token. Without a system prompt of its own a
                # template has it there, so the caller has to compare tokens anyway.
                found = _without_last_text(found)
            if len(self._fronts) >= _FRONTS:
                self._fronts.pop(next(iter(self._fronts)), None)
            self._fronts[key] = found
        return list(found)

    def _tools(self, tools: Sequence[Tool]) -> list[Any] | None:
        if tools and self.adaptation.tools:
            return [plain_tool(tool) for tool in tools]
        return [] if self.empty_tools else None

    def _closing(self, marks: ReasoningMarks) -> list[Segment]:
        end: Segment = Special(marks.end) if marks.end in self.specials else marks.end
        return ["\n", end, "\n\n"]


def thinks(effort: ReasoningEffort | None) -> bool:
    """Return whether a model that can think is to do so."""
    return effort not in (None, "none")


def _thinking(effort: ReasoningEffort | None) -> Mapping[str, Any]:
    """Return the variables by which templates are told whether the model is to think."""
    on = thinks(effort)
    # Where thinking cannot be turned off, it is kept short.
    named = {"minimal": "low", "none": "low", None: "low"}.get(effort, effort)
    return {
        "enable_thinking": on,
        "thinking": on,
        "reasoning": on,
        "thinking_mode": "enabled" if on else "disabled",
        "reasoning_effort": named,
        **({} if on else {"thinking_budget": 0}),
    }


def _without_last_text(segments: list[Segment]) -> list[Segment]:
    return segments[:-1] if segments and isinstance(segments[-1], str) else segments
