"""What came of the approvals that sub-tasks wait for."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET

from pisovereign.actions.messages.speaker import tell
from pisovereign.actions.messages.words import Clock
from pisovereign.agents.messages import say
from pisovereign.agents.sealed import PartOutcome
from pisovereign.approvals.types import Approval
from pisovereign.catalog.service import KIND as CATALOG_COMMAND
from pisovereign.catalog.types import Execution
from pisovereign.languages import Language


class Decisions:
    """Tells of approvals.

    Args:
        zone: The zone in which times are told.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def of(self, approval: Approval, language: Language) -> PartOutcome | None:
        """What is to be written down of a sub-task; None: its approval is not over."""
        match approval.status:
            case "pending" | "approved":
                return None
            case "cancelled":
                return PartOutcome(reason=say("withdrawn", language))
            case "expired":
                return PartOutcome(reason=say("expired", language))
            case _ if approval.error is not UNSET:
                return PartOutcome(reason=say("unreadable", language))
            case "executed" if approval.kind == CATALOG_COMMAND:
                return self._command(approval, language)
            case "executed":
                return PartOutcome(result=say("done", language, approval.title))
            case "denied" if approval.reason:
                return PartOutcome(reason=say("denied_why", language, approval.reason))
            case "denied":
                return PartOutcome(reason=say("denied", language))
            case "failed":
                return PartOutcome(reason=approval.reason or say("error", language))

    def _command(self, approval: Approval, language: Language) -> PartOutcome:
        try:
            done = msgspec.json.decode(msgspec.json.encode(approval.result), type=Execution)
        except msgspec.ValidationError:  # what is stored cannot be read
            return PartOutcome(reason=say("unreadable", language))
        told = tell(done, language, Clock(dt.datetime.now(dt.UTC), self._zone))
        return PartOutcome.of_command(done.status, told)
