"""A sub-task in words: the model answers it, and may look things up before.

What tools found is untrusted from the moment it is in the prompt. The model never gets to choose
anything but a tool that only reads: there is no other one in what it may say. And from that moment
on nothing leaves the machine with a question to another one but what the sub-task itself says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from pisovereign.actions.caller import Caller
from pisovereign.agents.fact_check import denies, invented, mixed_up, rambles
from pisovereign.agents.messages import heading, say
from pisovereign.agents.quota import Budget, EngineQuota
from pisovereign.agents.schemas import MEMORY_ARGUMENTS, arguments_schema, closed_object
from pisovereign.agents.tools import ToolFailed, Tools
from pisovereign.agents.types import MEMORY
from pisovereign.engine_client.types import Message
from pisovereign.errors import PiSovereignError
from pisovereign.text.untrusted import quote_results

MOST_STEPS = 3
_ANSWER_TOKENS = 200
_TASK = (
    "You do one small part of a larger task. Answer it briefly in the user's language, or look "
    "something up first with one of the tools. Say only what you know or what the results say."
)


class Finding(NamedTuple):
    """A finding, and the tool or sub-task that it is of; `useful` is false if there is nothing."""

    what: str
    text: str
    useful: bool = True


class Question(NamedTuple):
    """A sub-task in words, and what sub-tasks before it found."""

    text: str
    known: Sequence[Finding]


class Answerer:
    """Answers sub-tasks.

    Args:
        quota: The model.
        tools: What it may look up with.
    """

    def __init__(self, quota: EngineQuota, tools: Tools) -> None:
        self._quota = quota
        self._tools = tools

    async def answer(self, caller: Caller, question: Question, budget: Budget) -> str:
        """Return the answer to a question.

        Raises:
            ToolFailed: there is none.
            PiSovereignError: the engine does not answer, or the tokens are used up.
        """
        found = list(question.known)
        for step in range(MOST_STEPS):
            results = f"{quote_results([each[:2] for each in found])}\n" if found else ""
            said = await self._quota.ask(
                [Message("system", _TASK), Message("user", f"{results}{question.text}")],
                self._schema(may_look_up=step < MOST_STEPS - 1),
                budget=budget,
                most_tokens=_ANSWER_TOKENS,
                user=caller.identity.user_id,
            )
            match said:
                case {"action": "answer", "text": str(text)} if text.strip() and not rambles(text):
                    return _told(text.strip(), question, found, caller)
                case {"action": str(tool)} if tool != "answer":
                    # Planned before anything was looked up, the question has no text of others.
                    words = question.text if found else None
                    finding = await self._look_up(caller, tool, said.get("arguments"), words)
                    if finding in found:
                        break  # it would go on like that
                    found.append(finding)
                case _:
                    break
        return _plain(found, caller)

    async def _look_up(
        self, caller: Caller, tool: str, arguments: Any, words: str | None
    ) -> Finding:
        """Return what a tool found; that it failed is a finding, too.

        `words` are those that may leave this machine; None: text of others was not read yet.
        """
        given = arguments if isinstance(arguments, dict) else {}
        if tool != MEMORY and tool not in {spec.name for spec in self._tools.reading()}:
            return Finding(tool, "There is no such tool.", useful=False)
        if words is not None and self._tools.unsaid(tool, given, words) is not None:
            return Finding(tool, say("not_said", caller.language), useful=False)
        try:
            text = await self._tools.read(caller, tool, given)
            return Finding(tool, text, useful=text != say("nothing", caller.language))
        except PiSovereignError as error:
            return Finding(tool, error.message, useful=False)

    def _schema(self, *, may_look_up: bool) -> dict[str, Any]:
        answer = closed_object(
            action={"const": "answer"}, text={"type": "string", "maxLength": 500}
        )
        if not may_look_up:
            return answer
        tools = {spec.name: arguments_schema(spec) for spec in self._tools.reading()}
        tools[MEMORY] = MEMORY_ARGUMENTS
        calls = [
            closed_object(action={"const": tool}, arguments=arguments)
            for tool, arguments in tools.items()
        ]
        return {"anyOf": [answer, *calls]}


def _told(text: str, question: Question, found: Sequence[Finding], caller: Caller) -> str:
    """Return the model's words, and beneath them what it looked up, exactly as its tool gave it.

    Words that do not keep to the facts are left out. A short answer need not hold all of them, and
    a wrong yes has none, so what was found is always there to be read.
    """
    facts = [finding.text for finding in found]
    if not facts:
        return text
    if invented(text, [question.text, *facts]) or mixed_up(text, facts) or denies(text, facts):
        return _plain(found, caller)
    looked_up = [
        f"{heading(finding.what, caller.language)}:\n{finding.text}"
        for finding in found[len(question.known) :]
        if finding.useful and finding.text not in text
    ]
    return "\n\n".join([text, *looked_up])


def _plain(found: Sequence[Finding], caller: Caller) -> str:
    useful = [finding.text for finding in found if finding.useful]
    if not useful:
        raise ToolFailed(say("no_answer", caller.language))
    return "\n".join(useful)
