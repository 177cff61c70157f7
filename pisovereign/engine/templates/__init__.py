"""How a conversation is marked up for a model."""

from pisovereign.engine.templates.chat_template import ChatTemplate, ReasoningMarks
from pisovereign.engine.templates.known import TEMPLATES
from pisovereign.engine.templates.segments import Segment, Special

__all__ = ["TEMPLATES", "ChatTemplate", "ReasoningMarks", "Segment", "Special"]
