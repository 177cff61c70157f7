"""Approvals of people who may not decide: an owner does, and the log says who."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

import msgspec

from pisovereign.api_keys import Identity
from pisovereign.approvals.service import ApprovalService
from pisovereign.approvals.types import Approval, ListQuery, Supervised
from pisovereign.audit.service import AuditLog
from pisovereign.audit.types import Event
from pisovereign.errors import Forbidden, NotFound
from pisovereign.storage.pool import Connection, Database

_NEEDED = frozenset(("admin", "approve"))


class People(Protocol):
    """Knows for whom owners decide."""

    async def everybody(self, connection: Connection) -> Sequence[Supervised]:
        """Return everybody for whom owners decide, in any transaction."""
        ...


class SupervisedApproval(msgspec.Struct, frozen=True, kw_only=True):
    """An approval that waits, and who asked for it."""

    person_id: UUID
    person: str
    approval: Approval


class SupervisedApprovals:
    """The rules: who decides is an owner, and decides for nobody who may do it themselves.

    Args:
        approvals: The approvals.
        database: Where people are.
        people: For whom owners decide.
        audit: Where it is told who decided, beside the log of who asked.
    """

    def __init__(
        self, approvals: ApprovalService, database: Database, people: People, audit: AuditLog
    ) -> None:
        self._approvals = approvals
        self._database = database
        self._people = people
        self._audit = audit

    async def page(
        self, identity: Identity, query: ListQuery
    ) -> tuple[list[SupervisedApproval], int]:
        """Return what waits for a decision of owners, the newest first of each person.

        Raises:
            Forbidden: The caller is no owner.
        """
        found = []
        everything = ListQuery(status="pending", limit=500)
        for person in await self._supervised(identity):
            waiting, _ = await self._approvals.page(person.user, everything)
            found += [
                SupervisedApproval(person_id=person.user, person=person.name, approval=each)
                for each in waiting
            ]
        return found[query.offset : query.offset + query.limit], len(found)

    async def decide(
        self, identity: Identity, person: UUID, approval: UUID, *, deny: bool, reason: str | None
    ) -> SupervisedApproval:
        """Approve what somebody asked for, and carry it out for them; or refuse it.

        Raises:
            Forbidden: The caller is no owner.
            NotFound: Unknown, or of somebody who decides by themselves.
            Conflict: It is decided already, or too old.
            ServiceUnavailable: It was not approved, or its outcome could not be stored.
        """
        found = [each for each in await self._supervised(identity) if each.user == person]
        if not found:
            raise NotFound("No such approval")
        supervised = found[0]
        by = Identity(person, identity.scopes, f"{identity.key_name} (owner)")
        if deny:
            decided = await self._approvals.deny(by, approval, reason)
        else:
            decided = await self._approvals.approve(by, approval)
        event: Event = "denied" if deny else "approved"
        await self._audit.record(
            identity,
            event,
            kind=decided.kind,
            subject=str(approval),
            what=f"for {supervised.name}: {decided.title}",
        )
        return SupervisedApproval(person_id=person, person=supervised.name, approval=decided)

    async def _supervised(self, identity: Identity) -> Sequence[Supervised]:
        if not identity.scopes >= _NEEDED:
            raise Forbidden("This needs the scopes admin and approve")
        async with self._database.system() as connection:
            return await self._people.everybody(connection)
