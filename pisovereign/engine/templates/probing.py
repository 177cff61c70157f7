"""Finding out what a template knows, by rendering conversations made for that."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pisovereign.engine.templates.compiled import CompiledTemplate, Unusable
from pisovereign.engine.templates.conversations import (
    ANSWER,
    CALLING,
    HELLO,
    INTRICATE,
    LATE,
    NEXT,
    RESULT,
    SYSTEM,
    TALK,
    TOOL,
    USER,
    VALUE,
)
from pisovereign.engine.templates.history import after_front, opening_of
from pisovereign.engine.templates.own import OwnTemplate
from pisovereign.engine.templates.reasoning import ReasoningMarks, detect_reasoning
from pisovereign.engine.templates.safety import check_safety
from pisovereign.engine.templates.segments import Special
from pisovereign.engine.templates.special_texts import SpecialTexts
from pisovereign.engine.tool_calls.formats import CallFormat, detect_call_format
from pisovereign.engine_client.types import Message

logger = logging.getLogger(__name__)

# How calls and results are told to a template, the best first.
_WAYS: tuple[dict[str, bool], ...] = (
    {},
    {"objects": False},
    {"calls": False},
    {"results": False},
    {"results": False, "objects": False},
    {"calls": False, "results": False},
)


def probe(
    plain: CompiledTemplate,
    with_tools: CompiledTemplate,
    sources: tuple[str, str],
    vocabulary: SpecialTexts,
) -> OwnTemplate:
    """Return a template with what was found out about it.

    Args:
        plain: the template.
        with_tools: the one for conversations with tools; often the same.
        sources: the text of both.
        vocabulary: the tokens that mean something to the model.

    Raises:
        Unusable: it cannot write a conversation of system prompt, questions and answers, marks the
            messages with what anybody can write, or takes marks from what people write.
    """
    bos = Special(vocabulary.bos) if vocabulary.adds_bos and vocabulary.bos else None
    marks = sorted({*plain.marks, *with_tools.marks} | ({bos.text} if bos else set()))
    reasoning = detect_reasoning("".join(sources))
    made = OwnTemplate(plain, with_tools, specials=tuple(marks), reasoning=reasoning, bos=bos)
    made = _with_variables(made)
    made = _with_roles(made)
    _check_marked(made)
    made = _with_tools(made, sources[1])
    made = replace(made, ends=_ends(made, reasoning))
    made = _with_opening(made)
    check_safety(made, vocabulary)
    return made


def shows(
    template: OwnTemplate, messages: Sequence[Message], wanted: Sequence[str], **options: Any
) -> bool:
    """Return whether a conversation can be written and all of these texts are in it, in order."""
    try:
        text = "".join(s for s in template.render(messages, **options) if isinstance(s, str))
    except Unusable:
        return False
    at = 0
    for part in wanted:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _changed(template: OwnTemplate, **fields: bool) -> OwnTemplate:
    return replace(template, adaptation=replace(template.adaptation, **fields), _fronts={})


def _with_variables(made: OwnTemplate) -> OwnTemplate:
    """Return the template with the variables that it can do with."""
    question = [Message("user", USER)]
    for empty_tools in (False, True):
        for names_effort in (True, False):
            candidate = replace(
                made, names_effort=names_effort, empty_tools=empty_tools, _fronts={}
            )
            if shows(candidate, question, [USER]):
                return _with_ending(candidate)
    made.render(question)  # for its error
    raise Unusable("the template leaves out what the user says")


def _with_ending(made: OwnTemplate) -> OwnTemplate:
    question = [Message("user", USER)]
    begun, whole = made.write(question), made.write(question, add_answer=False)
    return replace(made, ends_whole=after_front(begun, whole) is None, _fronts={})


def _with_roles(made: OwnTemplate) -> OwnTemplate:
    order = [SYSTEM, USER, ANSWER, NEXT]
    if not (shows(made, TALK, order) and _appends(made, TALK)):
        made = _changed(made, system=False)
        if not shows(made, TALK, order):
            made.render(TALK)
            raise Unusable("the template leaves out what a conversation consists of")
    if not shows(made, [*HELLO, Message("user", NEXT)], [SYSTEM, USER, NEXT]):
        made = _changed(made, repeats=False)
    late = [*TALK[:-1], Message("system", LATE), TALK[-1]]
    if not (shows(made, late, [ANSWER, LATE, NEXT]) and _appends(made, late)):
        made = _changed(made, late_system=False)
    return made


def _with_tools(made: OwnTemplate, source: str) -> OwnTemplate:
    options: dict[str, Any] = {"tools": [TOOL]}
    told = ("find_thing", "snorbel", "wombric", USER)
    simple = all(shows(made, HELLO, [word], **options) for word in told)
    if not (simple and shows(made, HELLO, [USER], tools=[*INTRICATE, TOOL])):
        made = _changed(made, tools=False)
    notation = detect_call_format(source) if made.adaptation.tools else CallFormat.HERMES
    made = replace(made, call_format=notation, _fronts={})
    if "tool" not in source:
        # Its roles are just written out: the model has never seen one that is called so.
        made = _changed(made, calls=False, results=False, orphans=False)
    order = [USER, "find_thing", VALUE, RESULT]
    for fields in _WAYS:
        candidate = _changed(made, **fields)
        if shows(candidate, CALLING, order, **options):
            made = candidate
            break
    else:
        raise Unusable("the template cannot write what a tool found")
    orphan = [*HELLO, Message("tool", RESULT), Message("user", NEXT)]
    if not (made.adaptation.results and shows(made, orphan, [USER, RESULT, NEXT])):
        made = _changed(made, orphans=False)
    if made.adaptation.repeats and not shows(made, orphan, [USER, RESULT, NEXT]):
        made = _changed(made, repeats=False)
    return made


def _check_marked(made: OwnTemplate) -> None:
    """Refuse a template whose messages are told apart by what anybody can write."""
    segments = made.render(TALK)
    texts = [segment if isinstance(segment, str) else None for segment in segments]
    for one, other in ((USER, ANSWER), (ANSWER, NEXT)):
        if any(text and one in text and other in text for text in texts):
            raise Unusable("the template has no control token between question and answer")


def _ends(made: OwnTemplate, reasoning: ReasoningMarks | None) -> tuple[str, ...]:
    """Return the marks that stand around messages and so are no part of an answer."""
    if reasoning is not None and reasoning.headings:
        # Such models write a mark for each part of an answer, and end it with one of their own.
        return ()
    segments = made.render(TALK, add_answer=False)
    begun = len(made.render(TALK[:2]))
    said = next(i for i, s in enumerate(segments) if isinstance(s, str) and ANSWER in s)
    after = {s.text for s in segments[said:] if isinstance(s, Special)}
    # What the model writes itself before the answer.
    before = {s.text for s in segments[begun:said] if isinstance(s, Special)}
    thinking = reasoning.begin + reasoning.end if reasoning is not None else ""
    return tuple(sorted(mark for mark in after - before if mark not in thinking))


def _with_opening(made: OwnTemplate) -> OwnTemplate:
    before = made.render(TALK[:2], add_answer=False)
    answer = after_front(made.render(TALK[:2]), before)
    history = after_front(made.render(TALK, add_answer=False), before)
    if answer is None or history is None:
        logger.warning("the chat template does not only append: less of a prompt is computed once")
        return made
    repaired = replace(made, opening=opening_of(answer, history), _fronts={})
    return repaired if _appends(repaired, TALK) else made


def _appends(made: OwnTemplate, messages: Sequence[Message]) -> bool:
    """Return whether a longer conversation begins as the shorter one did."""
    longer = [*messages, Message("assistant", ANSWER), Message("user", USER)]
    try:
        first = made.render(messages, add_answer=False)
        second = made.render(longer, add_answer=False)
    except Unusable:
        return False
    return after_front(second, first) is not None
