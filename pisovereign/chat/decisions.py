"""Deciding about an approval by a word: once all that it does was shown, and nothing else waits."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from pisovereign.actions.caller import Caller
from pisovereign.approvals.service import ApprovalService
from pisovereign.approvals.types import Approval
from pisovereign.approvals.wording import as_text, lines_of
from pisovereign.dialogue.types import Decide
from pisovereign.errors import Conflict, NotFound, PiSovereignError
from pisovereign.languages.messages import load_messages
from pisovereign.text.untrusted import one_line

_LONGEST_TITLE = 200
_FAILED = ("failed", "timed_out")


class Decision(NamedTuple):
    """The outcome of a decision in words, and the approval that they show in whole; None: none."""

    text: str
    shows: UUID | None = None


class Decisions:
    """Approves what waits in a conversation.

    Args:
        approvals: What waits.
    """

    def __init__(self, approvals: ApprovalService) -> None:
        self._approvals = approvals

    async def decide(self, caller: Caller, step: Decide) -> Decision:
        """Approve the one thing that waits if all of it was shown; show it otherwise."""
        words = load_messages(caller.language, "dialogue")
        identity = caller.requester
        # Nobody approves for others, and no model for anybody.
        if caller.asks_only or "approve" not in identity.scopes:
            return Decision(words.say("may_not_approve"))
        waiting = await self._waiting(identity.user_id, step)
        if len(waiting) > 1:
            titles = "\n".join(f"- {_title(one)}" for one in waiting)
            return Decision(words.say("approve_several", list=titles))
        if not waiting:
            return Decision(words.say("approve_nothing"))
        (approval,) = waiting
        lines = lines_of(approval, load_messages(caller.language, "approvals"))
        in_text = bool(lines) and all(line.text in step.text for line in lines)
        if approval.id not in step.shown or not (in_text or approval.id == step.whole):
            text = words.say("approve_shown", what=_quoted(as_text(lines)))
            return Decision(text, None if approval.error else approval.id)
        try:
            decided = await self._approvals.approve(identity, approval.id)
        except Conflict:  # somebody else was faster
            decided = await self._approvals.get(identity.user_id, approval.id)
        except PiSovereignError as error:
            title = _title(approval)
            return Decision(words.say("approve_failed", title=title, reason=error.message))
        key, reason = _outcome(decided)
        return Decision(words.say(key, title=_title(decided), reason=reason))

    async def _waiting(self, user: UUID, step: Decide) -> list[Approval]:
        """Return what this conversation has asked for, and nobody has decided."""
        found = []
        for each in step.waiting:
            try:
                approval = await self._approvals.get(user, each)
            except NotFound:
                continue
            # One that was approved by this very message is told of once more.
            if approval.status == "pending" or (approval.id == step.whole):
                found.append(approval)
        return found


def _outcome(approval: Approval) -> tuple[str, str]:
    """Return which sentence says what came of it, and why not more did."""
    if approval.status != "executed":
        return "approve_failed", approval.reason or approval.status
    result = approval.result
    status = result.get("status") if isinstance(result, dict) else getattr(result, "status", None)
    return ("approve_ended" if status in _FAILED else "approved"), ""


def _title(approval: Approval) -> str:
    return one_line(approval.title, _LONGEST_TITLE)


def _quoted(text: str) -> str:
    """Return a text as code, in which nothing is a mark."""
    longest = max((len(run) for run in _runs(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def _runs(text: str) -> list[str]:
    return [run for run in "".join(c if c == "`" else " " for c in text).split(" ") if run]
