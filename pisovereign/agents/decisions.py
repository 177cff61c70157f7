"""Outcomes of the approvals that sub-tasks wait for."""

from __future__ import annotations

from uuid import UUID

import msgspec
from msgspec import UNSET

from pisovereign.actions.service import ActionService
from pisovereign.actions.types import CATALOG_COMMAND, RunCatalogCommand
from pisovereign.agents.messages import say
from pisovereign.agents.types import PartOutcome
from pisovereign.approvals.types import Approval
from pisovereign.catalog.types import Execution
from pisovereign.languages import Language


def outcome_of(
    approval: Approval, actions: ActionService, user: UUID, language: Language
) -> PartOutcome | None:
    """Return what is to be written down of a sub-task; None: its approval is not over."""
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
            try:
                done = msgspec.json.decode(msgspec.json.encode(approval.result), type=Execution)
            except msgspec.ValidationError:  # what is stored cannot be read
                return PartOutcome(reason=say("unreadable", language))
            told = actions.describe(RunCatalogCommand, done, user, language)
            return PartOutcome.of_command(done.status, told)
        case "executed":
            return PartOutcome(result=say("done", language, approval.title))
        case "denied" if approval.reason:
            return PartOutcome(reason=say("denied_why", language, approval.reason))
        case "denied":
            return PartOutcome(reason=say("denied", language))
        case "failed":
            return PartOutcome(reason=approval.reason or say("error", language))
