"""Another embedding model: nothing is lost, words find meanwhile, and progress can be seen."""

from __future__ import annotations

import asyncio
import os
import signal
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

from pisovereign.config import MemoryConfig
from pisovereign.engine_client.client import EngineClient
from pisovereign.engine_client.encoder_set import EncoderSet
from pisovereign.memory.records import RowBuilder, TextSealer
from pisovereign.memory.types import MemoryText
from pisovereign.memory.writer import open_writer
from pisovereign.search_index.terms import Stemmer, TermHasher
from pisovereign.storage.pool import Database
from pisovereign.storage.sealing import Sealer
from tests.memory.support import remember, search
from tests.memory.test_at_rest import superuser
from tests.support.api_process import ApiProcess
from tests.support.embeddings import MODEL, EmbeddingServer
from tests.support.patience import PATIENCE_S
from tests.support.server import ALICE, Server, wait_until

DEFAULTS = MemoryConfig().embedding_ids


def test_vectors_of_another_model_are_replaced(memories: Server) -> None:
    texts = [f"The parcel number {n} is in locker {n * 3}" for n in range(40)]
    made = {remember(memories, text)["id"] for text in texts}
    with superuser(memories) as connection:
        # As a start with another model finds it. The index in memory still has the vectors.
        connection.execute(
            "UPDATE memory_embeddings SET model = 'former-' || model WHERE user_id = %s", (ALICE,)
        )
        # As it is of what was stored before languages were.
        connection.execute("UPDATE memory_terms SET language = NULL WHERE user_id = %s", (ALICE,))
    with ApiProcess(memories) as api:
        url, memories.url = memories.url, api.url

        def embedded() -> int:
            stats = memories.request("GET", "/v1/memories/stats").json()
            assert stats["total"] == len(texts)
            return min(int(progress["embedded"]) for progress in stats["embeddings"])

        found = search(memories, "Which locker has parcel number 7?", limit=100)
        assert texts[7] in {row["content"] for row in found}
        wait_until(lambda: embedded() == len(texts), PATIENCE_S, "all vectors")
        found = search(memories, "parcel in a locker", limit=100)
        assert {row["id"] for row in found} == made
        assert all(row["similarity"] > 0.3 for row in found)
        memories.url = url
        wait_until(lambda: models_of(memories) == set(DEFAULTS), 60, "the end of former vectors")
    with superuser(memories) as connection:
        languages = connection.execute(
            "SELECT DISTINCT language FROM memory_terms WHERE user_id = %s", (ALICE,)
        ).fetchall()
    assert languages == [("en",)]


def models_of(server: Server) -> set[str]:
    """The models that any vector of the user's is of."""
    with superuser(server) as connection:
        rows = connection.execute(
            "SELECT DISTINCT model FROM memory_embeddings WHERE user_id = %s", (ALICE,)
        ).fetchall()
    return {row[0] for row in rows}


def test_a_damaged_memory_does_not_stop_the_others(memories: Server) -> None:
    bad = remember(memories, "The first note")
    good = remember(memories, "The second letter")
    with superuser(memories) as connection:
        connection.execute("UPDATE memories SET content = '' WHERE id = %s", (bad["id"],))
        connection.execute("DELETE FROM memory_embeddings WHERE user_id = %s", (ALICE,))
    with ApiProcess(memories):
        wait_until(
            lambda: memories.request("GET", "/v1/memories/stats").json()["embedding"]["embedded"],
            PATIENCE_S,
            "the vector of the good one",
        )
    assert memories.request("GET", f"/v1/memories/{good['id']}").status_code == 200


def test_another_model_and_back_again(models_dir: Path, data_dir: Path) -> None:
    """Each start reads everything with the model that is configured, and shows how far it is."""
    texts = [f"The parcel number {n} is in locker {n * 3}" for n in range(100)]
    server = Server(data_dir, models_dir).start()
    ours = server.environment
    try:
        made = {remember(server, text)["id"] for text in texts}
        with EmbeddingServer() as other:
            theirs = ours | {
                "PISOVEREIGN_INFERENCE__BASE_URL": other.url,
                "PISOVEREIGN_MEMORY__EMBEDDING_MODELS": f'["{MODEL}=384"]',
            }
            for environment, model in ((theirs, MODEL), (ours, "all-minilm-l6-v2")):
                server.stop()
                server.environment = environment
                server.start()
                seen = progress(server, model, len(texts))
                assert seen == sorted(seen)
                found = search(server, "parcel in a locker", limit=100)
                assert {row["id"] for row in found} == made
                assert all(row["similarity"] is not None for row in found)
            wait_until(lambda: models_of(server) == set(DEFAULTS), 60, "the end of former vectors")
    finally:
        server.remove()


def test_a_killed_api_goes_on_where_it_was(models_dir: Path, data_dir: Path) -> None:
    """Two thousand memories are read again; the API is killed in the middle, twice."""
    server = Server(data_dir, models_dir).start()
    try:
        asyncio.run(store_unread(server, 2000))
        for already in (0, 500):
            wait_until(partial(more_than, server, already), 60, "some vectors")
            for pid, line in server.descendants().items():
                if "pisovereign.cli.serve" in line:
                    os.kill(pid, signal.SIGKILL)
            server.wait_ready()
        assert lowest(server) < 2000
        wait_until(lambda: lowest(server) == 2000, 120, "a vector of each memory and model")
        found = search(server, "Which locker has parcel 1234?", limit=100)
        assert "The parcel number 1234 is in locker 3702" in {row["content"] for row in found}
        assert server.request("GET", "/v1/memories/stats").json()["total"] == 2000
    finally:
        server.remove()


async def store_unread(server: Server, count: int) -> None:
    """Store memories as they are stored while no model answers."""
    key = (server.data_dir / "master.key").read_bytes()
    rows = RowBuilder(
        TextSealer(Sealer(key)), EncoderSet(EngineClient("unused"), []), TermHasher(key, Stemmer())
    )
    database = Database(server.database_dsn(), pool_size=1, statement_timeout_s=60)
    await database.open()
    user = UUID(ALICE)
    async with open_writer(database, user) as writer:
        for n in range(count):
            text = MemoryText(f"The parcel number {n} is in locker {n * 3}", f"Parcel {n}", [])
            await writer.add(rows.row(user, uuid4(), text, {}, kind="fact", importance=0.5))
    await database.close()


def lowest(server: Server) -> int:
    """How many memories have been read by the model that has read the fewest."""
    stats = server.request("GET", "/v1/memories/stats").json()
    return min(int(progress["embedded"]) for progress in stats["embeddings"])


def more_than(server: Server, number: int) -> bool:
    return lowest(server) > number


def progress(server: Server, model: str, total: int) -> list[int]:
    """How many memories the model had read each time that was asked, until it has read all."""
    seen: list[int] = []

    def finished() -> bool:
        stats = server.request("GET", "/v1/memories/stats").json()
        assert (stats["total"], stats["embedding"]["model"]) == (total, model)
        seen.append(stats["embedding"]["embedded"])
        # Meanwhile each one is found, by its words at least.
        found = {row["content"] for row in search(server, "parcel 73", limit=100)}
        assert "The parcel number 73 is in locker 219" in found
        return seen[-1] == total

    wait_until(finished, 60, "a vector of each memory")
    return seen
