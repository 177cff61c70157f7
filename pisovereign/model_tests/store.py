"""Results of tests in PostgreSQL, and who is testing right now."""

from __future__ import annotations

from enum import Enum

import msgspec
from psycopg.types.json import Jsonb

from pisovereign.model_tests.types import Capabilities
from pisovereign.storage.pool import Database

_GET = "SELECT result FROM model_tests WHERE model = %(model)s AND test = %(test)s"
# Whoever tests says so before each question, and a question ends within four minutes.
_CLAIM = """
INSERT INTO model_tests (model, test) VALUES (%(model)s, %(test)s)
ON CONFLICT (model, test) DO UPDATE SET seen_at = now()
WHERE model_tests.result IS NULL AND model_tests.seen_at < now() - interval '5 minutes'
RETURNING model
"""
_SEEN = """
UPDATE model_tests SET seen_at = now()
WHERE model = %(model)s AND test = %(test)s AND result IS NULL
RETURNING model
"""
_FINISH = """
INSERT INTO model_tests (model, test, result) VALUES (%(model)s, %(test)s, %(result)s)
ON CONFLICT (model, test) DO UPDATE SET result = excluded.result, seen_at = now()
"""
_RELEASE = """
DELETE FROM model_tests WHERE model = %(model)s AND test = %(test)s AND result IS NULL
"""
_FORGET = "DELETE FROM model_tests WHERE model = %(model)s AND test = %(test)s"


class Progress(Enum):
    """That there is no result: nobody is testing, or somebody is."""

    NOT_BEGUN = "not begun"
    GOING_ON = "going on"


class TestStore:
    """Reads and writes results of one version of the test.

    Args:
        database: Where they are.
        test: The fingerprint of the test.
    """

    __test__ = False

    def __init__(self, database: Database, test: str) -> None:
        self._database = database
        self._test = test

    async def get(self, model: str) -> Capabilities | Progress:
        """Return what is known of a model."""
        async with self._database.system() as connection:
            row = await (await connection.execute(_GET, self._key(model))).fetchone()
        if row is None:
            return Progress.NOT_BEGUN
        if row[0] is None:
            return Progress.GOING_ON
        return msgspec.convert(row[0], Capabilities)

    async def claim(self, model: str) -> bool:
        """Return whether the caller is the one to test a model that has no result."""
        return await self._changed(_CLAIM, model)

    async def still_testing(self, model: str) -> bool:
        """Say that the test goes on; False if it is no longer wanted."""
        return await self._changed(_SEEN, model)

    async def finish(self, model: str, result: Capabilities) -> None:
        """Keep a result."""
        async with self._database.system() as connection:
            value = Jsonb(msgspec.to_builtins(result))
            await connection.execute(_FINISH, {**self._key(model), "result": value})

    async def release(self, model: str) -> None:
        """Give up a test without a result."""
        await self._changed(_RELEASE, model)

    async def forget(self, model: str) -> None:
        """Remove what is known of a model, so that it is tested again."""
        await self._changed(_FORGET, model)

    async def _changed(self, statement: str, model: str) -> bool:
        async with self._database.system() as connection:
            return (await connection.execute(statement, self._key(model))).rowcount > 0

    def _key(self, model: str) -> dict[str, str]:
        return {"model": model, "test": self._test}
