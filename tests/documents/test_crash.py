"""Whatever is killed while a document is read, it is read to its end afterwards, and once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.documents.support import READ_LIMIT_S, search, show, upload
from tests.support.server import ALICE_KEY, Server, wait_until

PARAGRAPHS = 200
MODELS = 2
TEXT = "\n\n".join(
    f"Parcel {n} with the seal {n * 7919 % 100_003} is in locker {n % 97}. "
    + "It was brought by a courier who did not want to wait for a signature of anybody. " * 5
    for n in range(PARAGRAPHS)
)


@pytest.fixture
def own_server(models_dir: Path, data_dir: Path) -> Iterator[Server]:
    running = Server(data_dir, models_dir).start()
    yield running
    running.remove()


@pytest.mark.timeout(900)
def test_a_document_is_read_to_its_end_through_every_kill(own_server: Server) -> None:
    document = upload(own_server, "parcels.txt", TEXT.encode())["id"]
    kills = 0
    for least in (0, 1, 80):

        def reached(least: int = least) -> bool:
            shown = show(own_server, document)
            return bool(shown["state"] == "ready" or shown["read"] >= least)

        wait_until(reached, READ_LIMIT_S, "some of it is read")
        kills += show(own_server, document)["state"] != "ready"
        own_server.kill_everything()
        own_server.start()
    assert kills >= 2
    wait_until(lambda: show(own_server, document)["state"] == "ready", READ_LIMIT_S, "it is read")
    shown = show(own_server, document)
    assert (shown["passages"], shown["read"]) == (PARAGRAPHS, PARAGRAPHS)
    with psycopg.connect(own_server.owner_dsn()) as connection:
        for table, count in (
            ("passages", PARAGRAPHS),
            ("passage_terms", PARAGRAPHS),
            ("passage_embeddings", PARAGRAPHS * MODELS),
        ):
            counted = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            assert counted == (count,), table
    found = search(own_server, "Where is the parcel with the seal 7919?", limit=50)
    assert found[0]["text"].startswith("Parcel 1 with the seal 7919 ")
    assert len({each["place"] for each in found}) == len(found)
    gone = own_server.request("DELETE", f"/v1/documents/{document}", key=ALICE_KEY)
    assert gone.status_code == 204
    own_server.kill_everything()
    own_server.start()
    assert search(own_server, "Where is the parcel with the seal 7919?") == []
