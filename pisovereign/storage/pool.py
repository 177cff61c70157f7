"""Connections to PostgreSQL, and transactions that are bound to one user.

Every transaction for a user sets `pisovereign.user_id`, on which the row-level security policies
decide. The connections work as the role `pisovereign_app`, which owns no table, so the policies
cannot be bypassed or switched off from here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from time import perf_counter
from typing import Any, Protocol, TypeVar
from uuid import UUID

import psycopg
from psycopg import errors as pg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import TransactionStatus
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout
from psycopg_pool.pool_async import AddConnection, MaintenanceTask

from pisovereign.admission.fair_limiter import working
from pisovereign.errors import ServiceUnavailable, StartError, StorageFull
from pisovereign.storage.roles import APP_ROLE

"""The role of all queries: it owns nothing, and row-level security applies to it."""

Connection = psycopg.AsyncConnection[tuple[Any, ...]]
T = TypeVar("T")

_STORAGE_FULL = "PS507"
"""What the trigger of migration 40 raises."""
# PostgreSQL's codes: a session that was ended by an administrator, a crash or a restart.
_ENDED = frozenset(("57P01", "57P02", "57P03"))
_CONNECTION_ERRORS = "08"
_KEPT = "SELECT bytes FROM storage_use WHERE user_id = %(user)s"
_SET_USER = "SELECT set_config('pisovereign.user_id', %(user)s, true)"
_START_LIMIT_S = 15.0
_IDLE_S = 60.0
_CHECKOUT_LIMIT_S = 5.0
# Between attempts to connect; by itself the pool waits for seconds after the second one, so that
# clients fail although the database is there again.
_RECONNECT_PAUSE_S = 0.2
# Beyond the statement limit of the server: how long to wait for one that does not answer at all.
_GRACE_S = 5.0


class DatabaseSettings(Protocol):
    """The settings that `open_database` reads."""

    @property
    def url(self) -> str | None:
        """The URL of the user's own PostgreSQL server, if any."""

    @property
    def pool_size(self) -> int:
        """The maximum number of connections, at least 1."""

    @property
    def statement_timeout_s(self) -> float:
        """The longest time one statement may take, in seconds."""

    @property
    def user_quota_bytes(self) -> int:
        """Return how much a user may keep, in bytes; 0: no limit."""


class _Pool(AsyncConnectionPool[Connection]):
    """A pool that soon finds a database that is there again."""

    async def schedule_task(self, task: MaintenanceTask, delay: float) -> None:
        """Put off a task of the pool; another attempt to connect never for long."""
        if isinstance(task, AddConnection):
            delay = min(delay, _RECONNECT_PAUSE_S)
        await super().schedule_task(task, delay)


class Database:
    """A pool of connections to one database; `open_database` makes it ready for use.

    Attributes:
        conninfo: how to connect as the pool does.
    """

    def __init__(
        self, dsn: str, *, pool_size: int, statement_timeout_s: float, user_quota_bytes: int = 0
    ) -> None:
        self._quota_bytes = user_quota_bytes
        self._limit_s = statement_timeout_s + _GRACE_S
        self._afterwards: dict[Connection, list[Callable[[], None]]] = {}
        self.conninfo = _conninfo(dsn, statement_timeout_s)
        self._pool = _Pool(
            self.conninfo,
            # Transactions are begun explicitly, so that BEGIN can share a round trip.
            kwargs={"autocommit": True, "prepare_threshold": 1, "connect_timeout": 5},
            min_size=1,
            max_size=pool_size,
            # One that nobody needs takes three to five megabytes of the server.
            max_idle=_IDLE_S,
            timeout=_CHECKOUT_LIMIT_S,
            # After this it is tried anew with the next request.
            reconnect_timeout=_CHECKOUT_LIMIT_S,
            open=False,
            name="pisovereign",
        )

    async def open(self) -> None:
        """Connect, and make sure that row-level security applies to this connection.

        Raises:
            StartError: no connection within 15 s, or the role could see every user's rows.
        """
        try:
            await self._pool.open(wait=True, timeout=_START_LIMIT_S)
            async with self.system() as connection:
                await _refuse_privileged_role(connection)
        except (PoolTimeout, ServiceUnavailable) as error:
            await self.close()
            raise StartError(f"no connection to the database: {error}") from error
        except StartError:
            await self.close()
            raise

    async def close(self) -> None:
        """Close every connection; transactions that still run get 5 s."""
        await self._pool.close(timeout=_GRACE_S)

    @asynccontextmanager
    async def transaction(
        self, user_id: UUID, *, within_quota: bool = False
    ) -> AsyncIterator[Connection]:
        """Open a transaction in which only the rows of `user_id` exist.

        It is committed when the block ends and rolled back when it raises. BEGIN and the user's id
        travel in one round trip, which is also what notices a connection that died in the pool.

        Args:
            user_id: The user.
            within_quota: Let it fail at its end if it adds to more than the user may keep. For what
                people add; what goes on from that, such as an answer, is counted and not refused.

        Raises:
            ServiceUnavailable: the database cannot be reached, is overloaded or was shut down.
            StorageFull: the user would keep too much; when the block ends.
        """
        # A simple query takes no parameters; the text of a UUID holds only digits, a-f and hyphens.
        begin = f"BEGIN; SELECT set_config('pisovereign.user_id', '{UUID(str(user_id))}', true)"
        if within_quota and self._quota_bytes:
            limit = int(self._quota_bytes)
            begin += f"; SELECT set_config('pisovereign.storage_limit', '{limit}', true)"
        async with self._begun(begin) as connection:
            yield connection

    async def kept(self, user_id: UUID) -> tuple[int, int]:
        """Return how many bytes a user keeps, and how many they may; 0: as many as they like.

        Raises:
            ServiceUnavailable: as in `transaction`.
        """
        rows = await self.fetch(user_id, _KEPT, {"user": user_id})
        return (rows[0][0] if rows else 0), self._quota_bytes

    async def fetch(
        self, user_id: UUID, query: str, values: Mapping[str, Any]
    ) -> list[tuple[Any, ...]]:
        """Return the rows of one statement that only reads, in binary form, in one round trip.

        Only the rows of `user_id` exist to it.

        Raises:
            ServiceUnavailable: as in `transaction`.
        """
        with _translated(), working():
            return await self._on_a_live_connection(lambda: self._fetch(user_id, query, values))

    async def _fetch(
        self, user_id: UUID, query: str, values: Mapping[str, Any]
    ) -> list[tuple[Any, ...]]:
        connection = await self._pool.getconn()
        try:
            async with _limited(self._limit_s):
                # What is in one pipeline is one transaction, which ends with it.
                async with connection.pipeline():
                    await connection.execute(_SET_USER, {"user": str(user_id)})
                    cursor = connection.cursor(binary=True)
                    await cursor.execute(query.encode(), values)
                return await cursor.fetchall()
        finally:
            await self._pool.putconn(connection)

    @asynccontextmanager
    async def system(self) -> AsyncIterator[Connection]:
        """Open a transaction without a user, in which no owned row exists.

        Raises:
            ServiceUnavailable: as in `transaction`.
        """
        async with self._begun("BEGIN") as connection:
            yield connection

    def when_committed(self, connection: Connection, call: Callable[[], None]) -> None:
        """Call a function once the transaction of `connection` is committed."""
        self._afterwards.setdefault(connection, []).append(call)

    async def ping(self) -> float:
        """Ask the database for a sign of life, and return the time it took in milliseconds.

        Raises:
            ServiceUnavailable: there was none within 5 s.
        """
        started = perf_counter()
        async with _limited(_CHECKOUT_LIMIT_S), self.system() as connection:
            await connection.execute("SELECT 1")
        return (perf_counter() - started) * 1000.0

    @asynccontextmanager
    async def _begun(self, begin: str) -> AsyncIterator[Connection]:
        with _translated(), working():
            connection = await self._on_a_live_connection(lambda: self._begin(begin))
            try:
                yield connection
                await self._commit(connection)
                for call in self._afterwards.pop(connection, ()):
                    call()
            finally:
                self._afterwards.pop(connection, None)
                # A transaction that is still open here has failed.
                try:
                    if connection.info.transaction_status != TransactionStatus.IDLE:
                        await self._rollback(connection)
                finally:  # also when a second cancellation comes during the rollback
                    await self._pool.putconn(connection)

    async def _on_a_live_connection(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Make an attempt that is safe to repeat, again while it meets connections that died.

        After a restart of the server all idle connections are dead, and `check` replaces them. The
        server ends its sessions one after the other, so that one which `check` has just found alive
        can be dead a moment later: each connection of the pool may fail once.
        """
        for _ in range(self._pool.max_size):
            try:
                return await attempt()
            except (PoolTimeout, PoolClosed):
                raise
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                if not _is_lost(error):
                    raise
                async with _limited(_CHECKOUT_LIMIT_S):
                    await self._pool.check()
        return await attempt()

    async def _begin(self, begin: str) -> Connection:
        connection = await self._pool.getconn()
        try:
            async with _limited(self._limit_s):
                await connection.execute(begin.encode(), prepare=False)
        except BaseException:
            await self._pool.putconn(connection)
            raise
        return connection

    async def _commit(self, connection: Connection) -> None:
        async with _limited(self._limit_s):
            cursor = await connection.execute(b"COMMIT", prepare=False)
        if cursor.statusmessage != "COMMIT":
            # PostgreSQL answers COMMIT with a rollback when a statement had failed before.
            raise pg.InFailedSqlTransaction("a failed statement was ignored in this transaction")

    async def _rollback(self, connection: Connection) -> None:
        if connection.closed:
            return
        try:
            async with _limited(_GRACE_S):
                await connection.execute(b"ROLLBACK", prepare=False)
        except (psycopg.Error, ServiceUnavailable):
            # The error that led here is the one to report; a closed connection is replaced.
            await connection.close()


async def become(connection: Connection, user_id: UUID) -> None:
    """Go on with a transaction as another user: what one causes for the other is stored with it."""
    await connection.execute(_SET_USER, {"user": str(user_id)})


async def open_database(settings: DatabaseSettings, app_dsn: str) -> Database:
    """Open the configured database, or the one at `app_dsn` when `settings.url` is not set.

    Raises:
        StartError: see `Database.open`.
    """
    database = Database(
        settings.url or app_dsn,
        pool_size=settings.pool_size,
        statement_timeout_s=settings.statement_timeout_s,
        user_quota_bytes=settings.user_quota_bytes,
    )
    await database.open()
    return database


def _conninfo(dsn: str, statement_timeout_s: float) -> str:
    """Add the role and the server-side limits to a connection string."""
    milliseconds = int(statement_timeout_s * 1000)
    options = (
        f"-c role={APP_ROLE} -c timezone=UTC -c statement_timeout={milliseconds}"
        f" -c idle_in_transaction_session_timeout={2 * milliseconds}"
    )
    try:
        given = conninfo_to_dict(dsn).get("options")
    except psycopg.ProgrammingError:
        # The original error may quote the password.
        raise StartError("database.url is not a PostgreSQL address") from None
    return make_conninfo(dsn, options=f"{given} {options}" if given else options)


async def _refuse_privileged_role(connection: Connection) -> None:
    cursor = await connection.execute(
        "SELECT current_user, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    )
    row = await cursor.fetchone()
    if row is None or row[1]:
        raise StartError(
            f"the database role {row[0] if row else APP_ROLE} could read every user's rows;"
            f" run: ALTER ROLE {APP_ROLE} NOSUPERUSER NOBYPASSRLS"
        )


def _is_lost(error: psycopg.Error) -> bool:
    """Return whether an error says that the connection is gone, and not what a statement did.

    Without a code it comes from the client's side, which found the connection closed.
    """
    code = error.sqlstate
    return code is None or code in _ENDED or code.startswith(_CONNECTION_ERRORS)


@asynccontextmanager
async def _limited(seconds: float) -> AsyncIterator[None]:
    """Limit the wait for a server that does not even enforce its statement limit."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise ServiceUnavailable("the database did not answer in time") from error


@contextmanager
def _translated() -> Iterator[None]:
    """Translate errors of an absent database into one for the client."""
    try:
        yield
    except (pg.QueryCanceled, pg.LockNotAvailable) as error:
        raise ServiceUnavailable("the database did not answer in time") from error
    except pg.DiskFull as error:
        raise ServiceUnavailable("the disk of the database is full") from error
    except psycopg.OperationalError as error:  # the pool's own errors are among these
        raise ServiceUnavailable("the database is not reachable") from error
    except psycopg.InterfaceError as error:
        raise ServiceUnavailable("the connection to the database was lost") from error
    except psycopg.DatabaseError as error:
        if error.sqlstate != _STORAGE_FULL:
            raise
        raise StorageFull(int(error.diag.message_detail or 0)) from None


_ATTEMPTS = 24  # PostgreSQL takes some seconds to start again
_RETRY_PAUSE_S = 0.5


async def retry_unavailable(store: Callable[[], Awaitable[T]]) -> T:
    """Retry `store` for at least twelve seconds while the database is away.

    `store` must have the same effect when it is repeated.

    Raises:
        ServiceUnavailable: The database does not come back.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return await store()
        except ServiceUnavailable:
            await asyncio.sleep(_RETRY_PAUSE_S)
    return await store()
