"""The indexes that this process keeps: loaded when they are needed, current, bounded in bytes."""

from __future__ import annotations

from collections import OrderedDict
from uuid import UUID

from pisovereign.search_index.index import OwnerIndex
from pisovereign.search_index.index_store import IndexStore
from pisovereign.search_index.index_types import Candidate, NearestQuery, RankQuery
from pisovereign.search_index.versions import KEPT_CHANGES, current_version
from pisovereign.storage.pool import Connection, Database

# The least that an index takes for each memory: if they are too many, none has to be read.
LEAST_BYTES = 640


class IndexCache:
    """Answers from an index in memory, or from the database for owners that have too much for it.

    An index says for which version of the owner's memories it stands, and is brought up to the
    version that the database has when it is asked for. So an answer never lags behind what any
    process had acknowledged before the question.
    """

    def __init__(self, store: IndexStore, limit_bytes: int) -> None:
        self._store = store
        self._limit = limit_bytes
        self._indexes: OrderedDict[UUID, OwnerIndex] = OrderedDict()
        self._loading: set[UUID] = set()
        # Owners with too many memories for an index, and the version at which that was found out.
        self._outgrown: dict[UUID, int] = {}

    @property
    def nbytes(self) -> int:
        """Bytes of all indexes together."""
        return sum(index.nbytes for index in self._indexes.values())

    async def ready(self, database: Database, user: UUID) -> OwnerIndex | None:
        """Return the owner's index with all that was acknowledged until now; None: too large."""
        version = await current_version(database, self._store.collection, user)
        index = self._indexes.get(user)
        if index is not None and index.version >= version:
            self._indexes.move_to_end(user)
            return index
        async with database.transaction(user) as connection:
            return await self._current(connection, user)

    async def rank_in_database(
        self, database: Database, user: UUID, query: RankQuery
    ) -> list[Candidate]:
        """Return what an index would."""
        async with database.transaction(user) as connection:
            return await self._store.rank(connection, user, query)

    async def nearest(
        self, connection: Connection, user: UUID, query: NearestQuery
    ) -> list[tuple[UUID, float]]:
        """Return the memories with the highest cosines, and these cosines."""
        index = await self._current(connection, user)
        if index is None:
            return await self._store.nearest(connection, user, query)
        return index.nearest(query)

    async def _current(self, connection: Connection, user: UUID) -> OwnerIndex | None:
        """Return the owner's index as of now, or None if there can be none."""
        while True:
            version = await self._store.version(connection, user)
            index = self._indexes.get(user)
            if index is not None and index.version >= version:
                self._indexes.move_to_end(user)
                return index
            if index is not None and version - index.version <= KEPT_CHANGES:
                await self._catch_up(connection, user, index, version)
            elif not await self._load(connection, user, version):
                return None

    async def _load(self, connection: Connection, user: UUID, version: int) -> bool:
        """Read all of an owner's memories, if they fit; changes meanwhile have later versions.

        Another request that loads them already is not waited for: the database can answer.
        """
        found = self._outgrown.get(user)
        if user in self._loading or (found is not None and version - found < KEPT_CHANGES):
            return False
        self._indexes.pop(user, None)
        self._loading.add(user)
        try:
            if await self._store.size(connection, user) * LEAST_BYTES > self._limit:
                self._outgrown[user] = version
                return False
            index = OwnerIndex(self._store.models, self._store.collection.kinds)
            async for rows in self._store.batches(connection, user):
                for row in rows:
                    index.put(row)
        finally:
            self._loading.discard(user)
        self._outgrown.pop(user, None)
        index.version = version
        self._indexes[user] = index
        self._make_room(user, version)
        return True

    async def _catch_up(
        self, connection: Connection, user: UUID, index: OwnerIndex, version: int
    ) -> None:
        seen = index.version
        changed, rows = await self._store.changed(connection, user, seen, version)
        if index.version != seen:
            return  # another request was faster; what was read may be older than what it read
        for identifier in changed:
            index.remove(identifier)
        for row in rows:
            index.put(row)
        index.version = version
        self._make_room(user, version)

    def _make_room(self, user: UUID, version: int) -> None:
        """Drop the indexes that were not used for the longest time until the rest fits."""
        self._indexes.move_to_end(user)
        while self.nbytes > self._limit:
            dropped, _ = self._indexes.popitem(last=False)
            if dropped == user:
                self._outgrown[user] = version
