"""People: those of the configuration, and those whom an owner invited.

The configuration wins: whoever has a key in it is shown as it says, and is not changed here.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from msgspec import UNSET

from pisovereign.accounts.changes import AccountChanges
from pisovereign.accounts.codes import INVITATION_LIFE, Code, CodeStore
from pisovereign.accounts.people_store import PeopleStore, StoredPerson
from pisovereign.accounts.sessions import SessionService
from pisovereign.accounts.types import ROLE_SCOPES, NewPerson, Person, PersonPatch, Role
from pisovereign.api_keys import ALL_SCOPES, ConfiguredUser, Identity, KeyRing
from pisovereign.audit.service import AuditLog
from pisovereign.config import Scope
from pisovereign.errors import Conflict, Forbidden, NotFound
from pisovereign.storage.pool import Connection, Database

MOST_PEOPLE = 50
_CONFIGURED = "This person is in config.toml, which is changed there only"


class PeopleService:
    """The rules: there is always somebody who may invite others."""

    def __init__(
        self,
        keys: KeyRing,
        database: Database,
        store: PeopleStore,
        *,
        codes: CodeStore,
        sessions: SessionService,
        audit: AuditLog,
        changes: AccountChanges,
    ) -> None:
        self._keys = keys
        self._database = database
        self._store = store
        self._codes = codes
        self._sessions = sessions
        self._audit = audit
        self._changes = changes

    async def everybody(self) -> list[Person]:
        """Return those of the configuration, then those who were invited, in that order."""
        async with self._database.system() as connection:
            stored = await self._store.everybody(connection)
        known = [self._keys.configured(user) for user in self._keys.users()]
        configured = [_configured(each) for each in known if each is not None]
        return configured + [
            _person(each) for each in stored if self._keys.configured(each.id) is None
        ]

    async def get(self, user: UUID) -> Person:
        """Return a person.

        Raises:
            NotFound: Unknown.
        """
        if configured := self._keys.configured(user):
            return _configured(configured)
        async with self._database.system() as connection:
            stored = await self._store.get(connection, user)
        if stored is None:
            raise NotFound("No such person")
        return _person(stored)

    async def invite(self, by: Identity, new: NewPerson) -> tuple[Person, Code]:
        """Add a person, and return the code that lets them in once.

        Raises:
            Forbidden: They could do more than who invites them.
            Conflict: There are too many.
        """
        _require_scopes(by, new.role)
        person = uuid4()
        async with self._database.system() as connection:
            await self._store.lock(connection)
            if len(await self._store.everybody(connection)) >= MOST_PEOPLE:
                raise Conflict(f"There are {MOST_PEOPLE} people already")
            await self._store.add(connection, person, new.name, new.role)
        code = await self._invitation(person)
        await self._note(by, "created", person, f"invited as {new.role}")
        return await self.get(person), code

    async def invite_again(self, by: Identity, person: UUID) -> tuple[Person, Code]:
        """Return a new code for somebody who has lost theirs, or all their devices.

        Raises:
            NotFound: Unknown.
            Forbidden: They could do more than who invites them.
            Conflict: They are in the configuration, or disabled.
        """
        async with self._database.system() as connection:
            stored = await self._required(connection, person)
        _require_scopes(by, stored.role)
        if stored.state == "disabled":
            raise Conflict("This person is disabled")
        code = await self._invitation(person)
        await self._note(by, "changed", person, "invited again")
        return _person(stored), code

    async def change(self, by: Identity, person: UUID, patch: PersonPatch) -> Person:
        """Give a person another role, or keep them out, or let them in again.

        Raises:
            NotFound: Unknown.
            Forbidden: They could do more than who changes them.
            Conflict: They are in the configuration, or the last owner.
        """
        async with self._database.system() as connection:
            await self._store.lock(connection)
            stored = await self._required(connection, person)
            role = stored.role if patch.role is UNSET else patch.role
            _require_scopes(by, role)
            state = stored.state if patch.state is UNSET else patch.state
            if state == "active" and stored.joined_at is None:
                state = "invited"
            if role != "owner" or state != "active":
                await self._require_other_owner(connection, stored)
            await self._store.set_role(connection, person, role)
            await self._store.set_state(connection, person, state)
            await self._changes.tell(connection)
        if state == "disabled":
            async with self._database.transaction(person) as connection:
                await self._sessions.end_all(connection, person)
        await self._note(by, "changed", person, f"{role}, {state}")
        return await self.get(person)

    async def erase(self, by: Identity, person: UUID) -> None:
        """Delete a person and all that they stored; the audit log stays.

        Also somebody whose key is no longer in the configuration, and who is in no list since.

        Raises:
            NotFound: Unknown, and nothing is stored of them.
            Conflict: They are in the configuration, or the last owner.
        """
        if self._keys.configured(person):
            raise Conflict(_CONFIGURED)
        # The nil id is nobody's: what the household has together is kept under it.
        if not person.int:
            raise NotFound("No such person")
        async with self._database.system() as connection:
            await self._store.lock(connection)
            stored = await self._store.get(connection, person)
            if stored is not None:
                await self._require_other_owner(connection, stored)
                await self._store.set_state(connection, person, "disabled")
            others = [each.id for each in await self._store.everybody(connection)]
            told = [each for each in (*self._keys.users(), *others) if each != person]
            if not await self._store.erase(connection, person, told):
                raise NotFound("No such person")
            await self._changes.tell(connection)
        await self._note(by, "removed", person, "with all that was stored")

    async def join(self, person: UUID) -> bool:
        """Let a person in who was invited; return whether they are here for the first time.

        Raises:
            NotFound: They are not invited any more.
        """
        async with self._database.system() as connection:
            await self._store.lock(connection)
            stored = await self._store.get(connection, person)
            if stored is None or stored.state == "disabled":
                raise NotFound("No such person")
            await self._store.set_state(connection, person, "active")
            await self._changes.tell(connection)
        return stored.joined_at is None

    async def scopes(self, user: UUID) -> frozenset[Scope]:
        """Return what a person may do at most; nothing if they are unknown or disabled."""
        try:
            person = await self.get(user)
        except NotFound:
            return frozenset()
        return frozenset(person.scopes) if person.state == "active" else frozenset()

    async def rename(self, user: UUID, name: str) -> None:
        """Give somebody another name.

        Raises:
            NotFound: Unknown.
            Conflict: They are in the configuration.
        """
        async with self._database.system() as connection:
            await self._required(connection, user)
            await self._store.rename(connection, user, name)

    async def active(self) -> list[UUID]:
        """Return the ids of those who were invited and may use the program."""
        async with self._database.system() as connection:
            return await self._store.active(connection)

    async def _required(self, connection: Connection, person: UUID) -> StoredPerson:
        if self._keys.configured(person):
            raise Conflict(_CONFIGURED)
        stored = await self._store.get(connection, person)
        if stored is None:
            raise NotFound("No such person")
        return stored

    async def _require_other_owner(self, connection: Connection, leaving: StoredPerson) -> None:
        if leaving.role != "owner" or leaving.state != "active":
            return
        users = (self._keys.configured(user) for user in self._keys.users())
        if any(user is not None and "admin" in user.scopes for user in users):
            return
        others = await self._store.everybody(connection)
        if not any(
            each.id != leaving.id and each.role == "owner" and each.state == "active"
            for each in others
        ):
            raise Conflict("This is the last owner; make somebody else an owner first")

    async def _invitation(self, person: UUID) -> Code:
        # For all that their role allows, also one that they are given later.
        async with self._database.transaction(person) as connection:
            return await self._codes.add(
                connection, person, "invitation", ALL_SCOPES, life=INVITATION_LIFE
            )

    async def _note(self, by: Identity, event: Any, person: UUID, what: str) -> None:
        await self._audit.record(by, event, kind="person", subject=str(person), what=what)


def _require_scopes(by: Identity, role: Role) -> None:
    """Refuse whoever would give somebody more than they have.

    Raises:
        Forbidden: They would.
    """
    if missing := sorted(ROLE_SCOPES[role] - by.scopes):
        raise Forbidden(f"You do not have the scope {missing[0]!r} yourself")


def role_of(scopes: frozenset[Scope]) -> Role | None:
    """Return the role that has just these scopes; None: none has."""
    return next((role for role, own in ROLE_SCOPES.items() if own == scopes), None)


def _configured(user: ConfiguredUser) -> Person:
    return Person(
        id=user.user_id,
        # Rather one that somebody chose than the place of a key without one.
        name=min(user.key_names, key=lambda name: "[" in name),
        role=role_of(user.scopes),
        scopes=sorted(user.scopes),
        state="active",
        configured=True,
    )


def _person(stored: StoredPerson) -> Person:
    return Person(
        id=stored.id,
        name=stored.name,
        role=stored.role,
        scopes=sorted(ROLE_SCOPES[stored.role]),
        state=stored.state,
        configured=False,
        created_at=stored.created_at,
        joined_at=stored.joined_at,
    )
