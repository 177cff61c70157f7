"""Another embedding model: nothing is lost, words find meanwhile, and progress can be seen."""

from __future__ import annotations

from tests.memory.support import remember, search
from tests.memory.test_at_rest import superuser
from tests.support.api_process import ApiProcess
from tests.support.server import ALICE, Server, wait_until


def test_vectors_of_another_model_are_replaced(memories: Server) -> None:
    texts = [f"The parcel number {n} is in locker {n * 3}" for n in range(40)]
    made = {remember(memories, text)["id"] for text in texts}
    with superuser(memories) as connection:
        # As a start with another model finds it. The index in memory still has the vectors.
        connection.execute(
            "UPDATE memory_embeddings SET model = 'former' WHERE user_id = %s", (ALICE,)
        )
    with ApiProcess(memories) as api:
        url, memories.url = memories.url, api.url

        def embedded() -> int:
            stats = memories.request("GET", "/v1/memories/stats").json()
            assert stats["total"] == len(texts)
            return int(stats["embedding"]["embedded"])

        found = search(memories, "Which locker has parcel number 7?", limit=100)
        assert texts[7] in {row["content"] for row in found}
        wait_until(lambda: embedded() == len(texts), 20, "all vectors")
        found = search(memories, "parcel in a locker", limit=100)
        assert {row["id"] for row in found} == made
        assert all(row["similarity"] > 0.3 for row in found)
        memories.url = url


def test_a_damaged_memory_does_not_stop_the_others(memories: Server) -> None:
    bad = remember(memories, "The first note")
    good = remember(memories, "The second letter")
    with superuser(memories) as connection:
        connection.execute("UPDATE memories SET content = '' WHERE id = %s", (bad["id"],))
        connection.execute("DELETE FROM memory_embeddings WHERE user_id = %s", (ALICE,))
    with ApiProcess(memories):
        wait_until(
            lambda: memories.request("GET", "/v1/memories/stats").json()["embedding"]["embedded"],
            10,
            "the vector of the good one",
        )
    assert memories.request("GET", f"/v1/memories/{good['id']}").status_code == 200
