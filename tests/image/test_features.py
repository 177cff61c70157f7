"""What is tried on a card; the parts that need no card are tried in a clone."""

from __future__ import annotations

import pytest

from image.boot import features
from image.boot.api import Client
from tests.support.server import ADMIN_KEY, Server


@pytest.fixture
def client(server: Server) -> Client:
    client = Client(server.url)
    client.headers["Authorization"] = f"Bearer {ADMIN_KEY}"
    return client


def test_a_document_is_read_and_found(client: Client) -> None:
    assert features.document_is_read(client) == ""


def test_a_pdf_is_read_and_found(client: Client) -> None:
    assert features.pdf_is_read(client) == ""
    _, found = client.send("GET", "/v1/documents/search?q=key+to+the+shed")
    assert found[0]["text"] == "The key to the shed hangs behind the door"


def test_the_models_file_is_verified(client: Client) -> None:
    assert features.model_is_verified(client) == ""


def test_a_backup_is_made_and_read(client: Client) -> None:
    assert features.backup_is_whole(client) == ""
    _, found = client.send("GET", "/v1/system/backups")
    for each in found["files"]:
        assert client.send("DELETE", f"/v1/system/backups/{each['name']}")[0] == 204


def test_commands_that_cannot_work_there_are_known_ones(client: Client) -> None:
    _, listed = client.send("GET", "/v1/commands/catalog?limit=200")
    known = {entry["id"] for entry in listed}
    assert known >= features.NOT_EMULATED | features.PARTLY_FORBIDDEN | {"default-ping"}


def test_a_refusal_is_named(client: Client) -> None:
    client.headers["Authorization"] = "Bearer sk-nobody"
    for name, problem in features.run(client).items():
        assert problem, name
