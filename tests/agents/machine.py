"""Tasks in a world where processes die between any two transactions."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from pisovereign.actions.registry import build_actions, executors
from pisovereign.actions.service import ActionService
from pisovereign.agents.build import AgentDependencies, Agents, build_agents
from pisovereign.agents.types import NewTask
from pisovereign.api_keys import Identity
from pisovereign.approvals.sealed import ApprovalSealer
from pisovereign.approvals.service import ApprovalService
from pisovereign.approvals.types import Approved, ListQuery
from pisovereign.audit.service import AuditLog
from pisovereign.config import AgenticConfig, Config
from pisovereign.engine_client.client import EngineClient
from pisovereign.events.log import EventLog
from pisovereign.locales import Locales
from pisovereign.notifications.outbox import Outbox
from pisovereign.notifications.service import NotificationService
from pisovereign.parsing.intent_reader import IntentReader
from pisovereign.parsing.model_proposals import ModelProposer
from pisovereign.parsing.service import ParseService
from pisovereign.runtime import Runtime
from pisovereign.storage.pool import Connection, Database
from pisovereign.storage.sealing import Sealer, load_key
from pisovereign.tool_use.actions import ActionTools, everybodys, further
from tests.actions.support import NO_CONTACTS, NO_TASKS, FakeMail, FakeWeather, backends
from tests.support.patience import PATIENCE_S
from tests.support.rules import rules
from tests.support.server import Server

T = TypeVar("T")
ZONE = ZoneInfo("Europe/Berlin")
# Reading, changing, failing (the calendar is not set up), in order, and more than once.
REQUESTS = (
    "check the weather",
    "check the weather and my mail",
    "remind me tomorrow at 9 to pack",
    "check the weather, remind me tomorrow at 9 to pack and remind me tomorrow at 10 to leave",
    "check the weather, then remind me tomorrow at 8 to go, then check my mail",
    "show my calendar and check my mail",
    "show my calendar",
)


class Died(BaseException):
    """The process is no more."""


class Mortal:
    """A database as one process sees it, which dies before or after its n-th transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.left: int | None = None
        self.after = False

    @asynccontextmanager
    async def transaction(
        self, user: UUID, *, within_quota: bool = False
    ) -> AsyncIterator[Connection]:
        if self.left is not None and self.left <= 0:
            raise Died
        if self.left is not None:
            self.left -= 1
            if self.left == 0 and not self.after:
                raise Died
        async with self._database.transaction(user, within_quota=within_quota) as connection:
            yield connection
        if self.left is not None and self.left <= 0:
            raise Died

    def when_committed(self, connection: Connection, call: Callable[[], None]) -> None:
        """As the database does."""
        self._database.when_committed(connection, call)


class Counting:
    """Carries out approvals, and counts how often each."""

    limit_s = 5.0

    def __init__(self) -> None:
        self.done: Counter[UUID] = Counter()
        self.dying: Mortal | None = None

    async def carry_out(self, approved: Approved) -> Any:
        self.done[approved.id] += 1
        if self.dying is not None:
            self.dying.left = 0  # it does not get to write that down either
            raise Died
        return {"text": "done"}


class World:
    """One user of a database that others use too, and processes that come and go."""

    def __init__(self, database: Database, key: bytes) -> None:
        self.user = uuid.uuid4()
        self.identity = Identity(self.user, frozenset(("user", "approve")), "machine")
        self.database = database
        self._key = key
        self.effects = Counting()
        self.mortal = Mortal(database)
        self.approvals, self.agents = self._process()

    def _process(self) -> tuple[ApprovalService, Agents]:
        database = cast("Database", self.mortal)
        self.events = EventLog(database, Sealer(self._key), 1000)
        actions = build_actions(backends(weather=FakeWeather(), mail=FakeMail(), memories=None))
        notifications = NotificationService(
            Outbox(Sealer(self._key)), [], database=database, events=self.events, users=[]
        )
        approvals = ApprovalService(
            database=database,
            sealer=ApprovalSealer(Sealer(self._key)),
            audit=AuditLog(database, self._key),
            notifications=notifications,
            executors={
                **executors(actions),
                "create_reminder": self.effects,
                "create_event": self.effects,
            },
            expires=dt.timedelta(minutes=30),
        )
        parsing = ParseService(
            rules(),
            cast("IntentReader", None),
            cast("ModelProposer", None),
            _NoCatalog(),
            lambda _: ZONE,
            tasks=NO_TASKS,
            contacts=NO_CONTACTS,
        )
        runtime = Runtime(
            database_dsn="",
            engine_target="",
            runner_socket=cast("Any", None),
            privileged_socket=None,
            master_key=self._key,
            owner_key=None,
            time_zone=ZONE,
            started_at=0,
            root_pid=1,
        )
        uses = AgentDependencies(
            database,
            EngineClient("/nowhere"),
            ActionService(actions, approvals, lambda _: ZONE),
            parsing,
            approvals,
            self.events,
            notifications,
            ActionTools(
                ActionService(actions, approvals, lambda _: ZONE),
                lambda _: ZONE,
                (*everybodys(), *further()),
            ),
            lambda _language: False,
            lambda _user, _way: True,
        )
        config = Config(agentic=AgenticConfig(plan_with_model=False))
        return approvals, build_agents(config, runtime, Locales(ZONE), uses, [self.user])

    def restart(self) -> None:
        """A new process in the place of the one that died."""
        self.mortal = Mortal(self.database)
        self.approvals, self.agents = self._process()

    async def create(self, description: str, *, require_approval: bool) -> UUID:
        """Take a task down."""
        new = NewTask(description=description, require_approval=require_approval)
        return (await self.agents.service.create(self.identity, new, "en")).task_id

    async def work(self, transactions: int | None, *, after: bool) -> None:
        """Work at what there is, until only decisions are left or the process dies.

        Args:
            transactions: How many the process lives for; None: it lives on.
            after: Whether it dies once the last of them is committed, or before.
        """
        self.mortal.left, self.mortal.after = transactions, after
        dispatcher = self.agents.dispatcher
        try:
            for _ in range(200):
                await dispatcher.claim()
                running = list(dispatcher.running.values())
                if not running:
                    return
                await asyncio.wait(running)
                if any(not t.cancelled() and isinstance(t.exception(), Died) for t in running):
                    raise Died
            raise AssertionError("it does not come to an end")
        except Died:
            left = list(dispatcher.running.values())
            for task in left:
                task.cancel()
            if left:
                await asyncio.wait(left)
            self.restart()
            await self.let_leases_run_out()
        finally:
            self.mortal.left = None

    async def let_leases_run_out(self) -> None:
        """As if some seconds had passed."""
        async with self.database.transaction(self.user) as connection:
            await connection.execute(
                "UPDATE jobs SET lease_until = now() - interval '1 second'"
                " WHERE state = 'running' AND user_id = %s",
                (self.user,),
            )

    async def pending(self) -> list[UUID]:
        """The approvals that wait, the oldest first."""
        found, _ = await self.approvals.page(self.user, ListQuery(status="pending", limit=500))
        return [approval.id for approval in reversed(found)]

    async def approve(self, approval: UUID, *, dies: bool) -> None:
        """Approve; the process may die in the middle of what that carries out."""
        self.effects.dying = self.mortal if dies else None
        try:
            await self.approvals.approve(self.identity, approval)
        except Died:
            self.restart()
            await self.let_leases_run_out()
        finally:
            self.effects.dying = None


@contextmanager
def opened(server: Server) -> Iterator[tuple[asyncio.AbstractEventLoop, Database, bytes]]:
    """A loop, and the database of a server in it, with the server's key."""
    loop = asyncio.new_event_loop()
    database = Database(server.database_dsn(), pool_size=8, statement_timeout_s=PATIENCE_S)
    loop.run_until_complete(database.open())
    yield loop, database, load_key(server.data_dir / "master.key")
    loop.run_until_complete(database.close())
    loop.close()


class _NoCatalog:
    async def page(self, user: UUID, limit: int, offset: int) -> tuple[list[Any], int]:
        return [], 0


def run(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> T:
    """Do something to its end."""
    return loop.run_until_complete(asyncio.wait_for(work, 60))
