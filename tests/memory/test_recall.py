"""Recall keeps its time: a search that is late keeps no answer from coming."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast
from uuid import UUID

import pytest

from pisovereign.errors import ServiceUnavailable
from pisovereign.memory.recall import Recall
from pisovereign.memory.records import TextSealer
from pisovereign.memory.retrieval import Retriever, SearchResult
from pisovereign.search_index import late_searches as module
from pisovereign.search_index.terms import Stemmer
from pisovereign.storage.sealing import Sealer

USER = UUID(int=1)
Search = Callable[[], Awaitable[SearchResult]]


class Searching:
    """In place of a retriever: does what it is given, and counts."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self.begun = self.ended = 0
        self.started = asyncio.Event()

    async def search(self, *_: Any, **__: Any) -> SearchResult:
        self.begun += 1
        self.started.set()
        try:
            return await self._search()
        finally:
            self.ended += 1


def recall(searching: Searching, limit: int = 5) -> Recall:
    sealer = TextSealer(Sealer(bytes(32)))
    return Recall(cast(Retriever, searching), sealer, Stemmer(), limit, 0.4)


async def forever() -> SearchResult:
    await asyncio.Event().wait()
    return SearchResult([], complete=True)


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LIMIT_S", 0.02)


def test_late_searches_go_on_but_not_too_many_of_them() -> None:
    async def check() -> None:
        searching = Searching(forever)
        recalling = recall(searching)
        for _ in range(10):
            assert await recalling.recall(USER, "What is it?") == ([], False)
        assert (searching.begun, searching.ended) == (4, 0)
        await recalling.stop()
        assert searching.ended == 4

    asyncio.run(check())


def test_a_search_that_ends_late_makes_room_for_others() -> None:
    async def check() -> None:
        going = asyncio.Event()

        async def until() -> SearchResult:
            await going.wait()
            return SearchResult([], complete=True)

        searching = Searching(until)
        recalling = recall(searching)
        for _ in range(6):
            await recalling.recall(USER, "What is it?")
        going.set()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await recalling.recall(USER, "What is it?")
        assert (searching.begun, searching.ended) == (5, 5)

    asyncio.run(check())


def test_a_client_that_leaves_ends_its_search() -> None:
    async def check() -> None:
        searching = Searching(forever)
        task = asyncio.create_task(recall(searching).recall(USER, "What is it?"))
        await searching.started.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.sleep(0)
        assert (searching.begun, searching.ended) == (1, 1)

    asyncio.run(check())


@pytest.mark.parametrize("error", [ServiceUnavailable("away"), ValueError("unforeseen")])
def test_a_failure_is_no_memories(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> SearchResult:
        raise error

    assert asyncio.run(recall(Searching(fail)).recall(USER, "What is my secret?")) == ([], False)
    assert caplog.records
    assert "secret" not in caplog.text


def test_no_limit_no_search() -> None:
    searching = Searching(forever)
    assert asyncio.run(recall(searching, limit=0).recall(USER, "What is it?")) == ([], True)
    assert searching.begun == 0
