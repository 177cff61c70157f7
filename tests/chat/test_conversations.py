"""The conversation routes, and that nobody reaches another one's."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.server import BOB_KEY, Server, wait_until


def test_list_get_delete(server: Server) -> None:
    name = f"life-{uuid.uuid4()}"
    server.chat("Hi", conversation_id=name)
    listed = server.request("GET", "/v1/conversations")
    assert int(listed.headers["X-Total-Count"]) >= 1
    assert listed.json()[0]["id"] == name
    assert listed.json()[0]["message_count"] == 2
    assert server.request("DELETE", f"/v1/conversations/{name}").status_code == 204
    assert server.request("GET", f"/v1/conversations/{name}").status_code == 404
    assert server.request("DELETE", f"/v1/conversations/{name}").status_code == 404


def test_an_answer_does_not_follow_a_deletion_into_a_new_conversation(server: Server) -> None:
    name = f"again-{uuid.uuid4()}"
    path = f"/v1/conversations/{name}"
    with ThreadPoolExecutor(1) as pool:
        story = "My secret is 4711. Write a very long story about it."
        old = pool.submit(server.chat, story, max_tokens=400, conversation_id=name)
        wait_until(lambda: server.request("DELETE", path).ok, 10, "the conversation to begin")
        server.chat("Hi", conversation_id=name)
        assert old.result().status_code == 404
    messages = server.request("GET", path).json()["messages"]
    assert [m["role"] for m in messages] == ["user", "assistant"]


def test_pages(server: Server) -> None:
    for _ in range(3):
        server.chat("Hi", max_tokens=1)
    first = server.request("GET", "/v1/conversations?limit=2").json()
    second = server.request("GET", "/v1/conversations?limit=2&offset=2").json()
    assert len(first) == 2
    assert not {c["id"] for c in first} & {c["id"] for c in second}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("limit=0", 422),
        ("limit=501", 422),
        ("limit=x", 400),
        ("limit=1_0", 400),
        ("limit=%D9%A3", 400),
        ("offset=-1", 422),
        ("offset=2147483648", 422),
    ],
)
def test_bad_pages(server: Server, query: str, status: int) -> None:
    assert server.request("GET", f"/v1/conversations?{query}").status_code == status


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_anothers_conversation_looks_like_an_unknown_one(server: Server, method: str) -> None:
    name = f"private-{uuid.uuid4()}"
    server.chat("A secret", conversation_id=name)
    theirs = server.request(method, f"/v1/conversations/{name}", key=BOB_KEY)
    unknown = server.request(method, f"/v1/conversations/{uuid.uuid4()}", key=BOB_KEY)
    assert theirs.status_code == unknown.status_code == 404
    assert theirs.json()["error"]["message"] == unknown.json()["error"]["message"]
    assert server.request("GET", f"/v1/conversations/{name}").status_code == 200


def test_anothers_conversations_are_not_listed(server: Server) -> None:
    name = f"hidden-{uuid.uuid4()}"
    server.chat("Hi", conversation_id=name)
    listed = server.request("GET", "/v1/conversations?limit=500", key=BOB_KEY).json()
    assert name not in {c["id"] for c in listed}
