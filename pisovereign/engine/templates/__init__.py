"""How a conversation is marked up for a model."""

from pisovereign.engine.templates.chat_template import ChatTemplate
from pisovereign.engine.templates.choosing import ChosenTemplate, choose_template
from pisovereign.engine.templates.compiled import Unusable
from pisovereign.engine.templates.known import AUTO, TEMPLATES
from pisovereign.engine.templates.reasoning import (
    ReasoningMarks,
    ReasoningParser,
    Thought,
    begins_inside,
)
from pisovereign.engine.templates.segments import Segment, Special

__all__ = [
    "AUTO",
    "TEMPLATES",
    "ChatTemplate",
    "ChosenTemplate",
    "ReasoningMarks",
    "ReasoningParser",
    "Segment",
    "Special",
    "Thought",
    "Unusable",
    "begins_inside",
    "choose_template",
]
