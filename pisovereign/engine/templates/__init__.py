"""How a conversation is marked up for a model."""

from pisovereign.engine.templates.chat_template import ChatTemplate
from pisovereign.engine.templates.known import TEMPLATES
from pisovereign.engine.templates.reasoning import (
    ReasoningMarks,
    ReasoningParser,
    Thought,
    begins_inside,
)
from pisovereign.engine.templates.segments import Segment, Special

__all__ = [
    "TEMPLATES",
    "ChatTemplate",
    "ReasoningMarks",
    "ReasoningParser",
    "Segment",
    "Special",
    "Thought",
    "begins_inside",
]
