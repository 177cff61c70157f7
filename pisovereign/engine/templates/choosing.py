"""Which template a model is talked to with: its own, or a known one."""

from __future__ import annotations

import logging
from typing import NamedTuple, Protocol

from pisovereign.engine.errors import ModelError
from pisovereign.engine.templates.chat_template import ChatTemplate
from pisovereign.engine.templates.compiled import CompiledTemplate, Unusable
from pisovereign.engine.templates.known import AUTO, TEMPLATES
from pisovereign.engine.templates.probing import probe
from pisovereign.engine.templates.sources import TemplateSources
from pisovereign.engine.templates.special_texts import SpecialTexts

logger = logging.getLogger(__name__)

# What calls and results are written with for a template that knows none.
_ADDED = (
    *("<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<tools>", "</tools>"),
    *("<|tool_call_start|>", "<|tool_call_end|>", "<|tool_call|>"),
)


class ChosenTemplate(NamedTuple):
    """A template, and what somebody should know about the choice; empty if nothing."""

    template: ChatTemplate
    warning: str = ""


class Vocabulary(Protocol):
    """A vocabulary that a template has to fit."""

    @property
    def special_texts(self) -> SpecialTexts:
        """Return the tokens that mean something to the model."""

    def fit(self, template: ChatTemplate) -> None:
        """Look up a template's tokens; raises ModelError if one is missing."""


def choose_template(
    vocabulary: Vocabulary, sources: TemplateSources, wanted: str = AUTO, fallback: str = ""
) -> ChosenTemplate:
    """Return the template to use, to which the vocabulary is fitted.

    Args:
        vocabulary: of the model.
        sources: what its file has.
        wanted: `auto` for its own, or the name of a known one.
        fallback: the known one that is tried first where its own cannot be used.

    Raises:
        ModelError: no template fits the model.
    """
    if wanted != AUTO:
        known = TEMPLATES[wanted].with_words(vocabulary.special_texts.words)
        vocabulary.fit(known)
        return ChosenTemplate(known)
    try:
        own = own_template(vocabulary.special_texts, sources)
        vocabulary.fit(own)
        return ChosenTemplate(own)
    except (Unusable, ModelError) as error:
        reason = str(error)
    for name in sorted(TEMPLATES, key=lambda name: name != fallback):
        known = TEMPLATES[name].with_words(vocabulary.special_texts.words)
        try:
            vocabulary.fit(known)
        except ModelError:
            continue
        warning = f"the model's own chat template is not used, but {name}: {reason}"
        logger.warning("%s", warning)
        return ChosenTemplate(known, warning)
    raise ModelError(f"no chat template fits the model: {reason}")


def own_template(vocabulary: SpecialTexts, sources: TemplateSources) -> ChatTemplate:
    """Return the template of a model file.

    Raises:
        Unusable: it has none, or one that cannot be used.
    """
    if not sources.default:
        raise Unusable("the model file has none")
    plain = _compiled(vocabulary, sources.default)
    if not sources.tool_use:
        return probe(plain, plain, (sources.default, sources.default), vocabulary)
    with_tools = _compiled(vocabulary, sources.tool_use)
    return probe(plain, with_tools, (sources.default, sources.tool_use), vocabulary)


def _compiled(vocabulary: SpecialTexts, source: str) -> CompiledTemplate:
    marks = vocabulary.marks
    added = [mark for mark in _ADDED if mark in marks]
    return CompiledTemplate(source, marks, vocabulary.bos, vocabulary.eos, added)
