"""Stored events and tasks, as they are opened."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any, cast
from uuid import UUID, uuid4

from pisovereign.own_calendar.store import ObjectStore, ObjectToStore
from pisovereign.storage.sealing import Sealer

USER = UUID("00000000-0000-4000-8000-00000000000a")
NOW = dt.datetime(2098, 3, 10, 9, 0, tzinfo=dt.UTC)


class Kept:
    """A connection that keeps what is stored, and answers each question with all of it."""

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []
        self.rowcount = 1

    async def execute(self, statement: str | bytes, values: dict[str, Any]) -> Kept:
        if "text" in values:
            self.rows.append(tuple(values[name] for name in ("id", "key_id", "text", "version")))
        return self

    async def fetchall(self) -> list[tuple[Any, ...]]:
        return self.rows


def test_others_have_turns_while_many_are_opened_and_one_that_cannot_be_hides_no_other() -> None:
    async def scenario() -> None:
        store, kept = ObjectStore(Sealer(bytes(32))), Kept()
        connection = cast(Any, kept)
        for number in range(100):
            new = ObjectToStore(kind="event", text=f"{number}")
            await store.add(connection, USER, uuid4(), new)
        kept.rows[7] = (*kept.rows[7][:2], b"damaged", kept.rows[7][3])
        turns = 0

        async def other() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        watching = asyncio.create_task(other())
        rows = await store.in_range(connection, USER, NOW, NOW, 1000)
        found = await store.opened(USER, rows)
        watching.cancel()
        assert [each.text for each in found] == [f"{each}" for each in range(100) if each != 7]
        assert turns >= 40

    asyncio.run(scenario())
