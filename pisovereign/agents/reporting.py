"""The one answer to a task."""

from __future__ import annotations

import logging

from pisovereign.agents.fact_check import denies, invented, missing, mixed_up, rambles
from pisovereign.agents.messages import listing
from pisovereign.agents.quota import EngineQuota
from pisovereign.agents.running_task import RunningTask
from pisovereign.agents.schemas import closed_object
from pisovereign.agents.types import Part
from pisovereign.engine_client.types import Message
from pisovereign.errors import PiSovereignError
from pisovereign.text.untrusted import quote_results

_log = logging.getLogger(__name__)
_LONGEST_RESULT = 2_000  # what is longer is a list anyway
_MOST_TOKENS = 600
_TASK = (
    "Tell the user in a few sentences, in the user's language, what came of their request. Say all "
    "of the results with their exact numbers, times and names, and nothing else."
)
_SCHEMA = closed_object(text={"type": "string", "minLength": 1, "maxLength": 500})


class Reporter:
    """Tells what came of a task's parts.

    Args:
        quota: The model that may word it; None: nobody does.
    """

    def __init__(self, quota: EngineQuota | None) -> None:
        self._quota = quota

    async def report(self, running: RunningTask, parts: list[Part]) -> str:
        """Return every result exactly as its tool gave it, or words with the same facts."""
        plain = listing(parts, running.language)
        whole = all(part.status == "completed" for part in parts)
        if self._quota is None or not whole or len(plain) > _LONGEST_RESULT:
            return plain
        try:
            worded = await self._worded(self._quota, running, parts)
        except PiSovereignError as error:
            _log.warning("the model does not word an answer: %s", error.message)
            return plain
        results = [part.result or "" for part in parts]
        if not worded or rambles(worded) or missing(worded, results):
            return plain
        if mixed_up(worded, results) or denies(worded, results):
            return plain
        return plain if invented(worded, [running.request.description, *results]) else worded

    async def _worded(self, quota: EngineQuota, running: RunningTask, parts: list[Part]) -> str:
        results = [(part.draft.description, part.result or "") for part in parts]
        asked = f"{quote_results(results, _LONGEST_RESULT)}\n{running.request.description}"
        answer = await quota.ask(
            [Message("system", _TASK), Message("user", asked)],
            _SCHEMA,
            budget=running.budget,
            most_tokens=_MOST_TOKENS,
            user=running.caller.identity.user_id,
        )
        text = answer.get("text") if isinstance(answer, dict) else None
        return text.strip() if isinstance(text, str) else ""
