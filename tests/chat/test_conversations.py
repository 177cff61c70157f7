"""The conversation routes, and that nobody reaches another one's."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.patience import PATIENCE_S
from tests.support.server import ALICE_KEY, BOB_KEY, Server, wait_until


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
        wait_until(
            lambda: server.request("DELETE", path).ok, PATIENCE_S, "the conversation to begin"
        )
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


def test_pages_by_cursor_stay_the_same_whatever_is_said_meanwhile(server: Server) -> None:
    names = [f"cursor-{uuid.uuid4()}" for _ in range(4)]
    for name in names:
        server.chat("Hi", conversation_id=name, max_tokens=1)
    first = server.request("GET", "/v1/conversations?limit=2")
    assert [one["id"] for one in first.json()] == names[:1:-1]
    server.chat("Hi", conversation_id=names[1], max_tokens=1)
    server.chat("Hi", conversation_id=f"new-{uuid.uuid4()}", max_tokens=1)
    cursor = first.headers["X-Next-Cursor"]
    second = server.request("GET", f"/v1/conversations?limit=1&cursor={cursor}")
    assert [one["id"] for one in second.json()] == [names[0]]


@pytest.mark.parametrize("cursor", ["x", "W10", "WzEsMiwzXQ", "é"])
@pytest.mark.parametrize("path", ["/v1/conversations", "/v1/conversations/none/messages"])
def test_a_cursor_that_nobody_gave_is_refused(server: Server, path: str, cursor: str) -> None:
    answer = server.request("GET", path, params={"cursor": cursor})
    assert answer.status_code == 422
    assert answer.json()["error"]["message"] == "cursor: must be one that an answer gave"


def test_a_conversation_is_called_after_its_first_message_until_it_gets_a_name(
    server: Server,
) -> None:
    name = f"named-{uuid.uuid4()}"
    path = f"/v1/conversations/{name}"
    server.chat("## Tell me of **Norway**\nand its fjords", conversation_id=name, max_tokens=1)
    shown = server.request("GET", path).json()
    assert (shown["title"], shown["named"], shown["pinned"]) == ("Tell me of Norway", False, False)
    changed = server.request("PATCH", path, json={"title": " Our  trip ", "pinned": True})
    assert (changed.status_code, changed.json()["title"]) == (200, "Our trip")
    server.chat("Hi", max_tokens=1)
    first = server.request("GET", "/v1/conversations?limit=1").json()[0]
    assert (first["id"], first["title"], first["named"]) == (name, "Our trip", True)
    again = server.request("PATCH", path, json={"title": None, "pinned": False}).json()
    assert (again["title"], again["named"], again["pinned"]) == ("Tell me of Norway", False, False)


def test_a_long_conversation_is_shown_from_its_end(server: Server) -> None:
    name = f"long-{uuid.uuid4()}"
    for number in range(3):
        server.chat(f"This is number {number}.", conversation_id=name, max_tokens=1)
    path = f"/v1/conversations/{name}/messages"
    whole = server.request("GET", f"/v1/conversations/{name}").json()["messages"]
    last = server.request("GET", f"{path}?limit=4")
    assert last.headers["X-Total-Count"] == "6"
    before = server.request("GET", f"{path}?limit=4&cursor={last.headers['X-Next-Cursor']}")
    assert before.json() + last.json() == whole
    assert "X-Next-Cursor" not in before.headers


def test_what_an_answer_used_is_there_after_a_reload(server: Server) -> None:
    name = f"details-{uuid.uuid4()}"
    reply = server.chat("Tell me about the sea.", conversation_id=name, max_tokens=20).json()
    stored = server.request("GET", f"/v1/conversations/{name}/messages").json()[1]
    assert stored["model"] == reply["model"]
    assert stored["details"]["tokens"] == reply["tokens"]
    assert stored["details"]["speed"] == reply["speed"]
    assert stored["details"]["finish_reason"] == reply["finish_reason"]
    assert reply["speed"]["first_s"] > 0
    told = server.chat("What can you do?", conversation_id=name).json()
    stored = server.request("GET", f"/v1/conversations/{name}/messages").json()[3]
    assert [one["type"] for one in stored["commands"]] == [told["command"]["type"]]
    assert "details" not in stored


def test_search_finds_words_in_titles_and_messages(server: Server) -> None:
    word = uuid.uuid4().hex
    spoken, titled = f"spoken-{uuid.uuid4()}", f"titled-{uuid.uuid4()}"
    server.chat(f"The café in {word} is closed.", conversation_id=spoken, max_tokens=1)
    server.chat("Hi", conversation_id=titled, max_tokens=1)
    server.request("PATCH", f"/v1/conversations/{titled}", json={"title": f"CAFÉ {word}"})

    def found(query: str, key: str = ALICE_KEY) -> dict[str, list[str]]:
        body = {"query": query}
        answer = server.request("POST", "/v1/messages/search", json=body, key=key)
        assert answer.status_code == 200
        return {
            one["conversation"]["id"]: [message["excerpt"] for message in one["messages"]]
            for one in answer.json()["found"]
        }

    assert found(f"{word.upper()} Café") == {
        titled: [],
        spoken: [f"The café in {word} is closed."],
    }
    assert not found(f"{word} open")
    assert not found(word, BOB_KEY)


def test_a_search_goes_on_where_it_ended(server: Server) -> None:
    word = uuid.uuid4().hex
    names = [f"{word}-{number}" for number in range(3)]
    for name in names:
        server.chat(f"About {word}", conversation_id=name, max_tokens=1)
    body: dict[str, object] = {"query": word, "limit": 1}
    seen: list[str] = []
    for _ in range(4):
        answer = server.request("POST", "/v1/messages/search", json=body).json()
        seen += [one["conversation"]["id"] for one in answer["found"]]
        if answer["cursor"] is None:
            break
        body["cursor"] = answer["cursor"]
    assert list(dict.fromkeys(seen)) == names[::-1]


def test_a_conversation_is_exported_to_be_read(server: Server) -> None:
    name = f"export-{uuid.uuid4()}"
    answer = server.chat("What is a **fjord**?", conversation_id=name, max_tokens=5).json()
    text = server.request(
        "GET", f"/v1/conversations/{name}/markdown", headers={"Accept-Language": "de"}
    )
    assert text.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert text.text.startswith("# What is a fjord?\n\n## Du · ")
    assert "What is a **fjord**?" in text.text
    assert answer["content"] in text.text


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_anothers_conversation_looks_like_an_unknown_one(server: Server, method: str) -> None:
    name = f"private-{uuid.uuid4()}"
    server.chat("A secret", conversation_id=name)
    theirs = server.request(method, f"/v1/conversations/{name}", key=BOB_KEY)
    unknown = server.request(method, f"/v1/conversations/{uuid.uuid4()}", key=BOB_KEY)
    assert theirs.status_code == unknown.status_code == 404
    assert theirs.json()["error"]["message"] == unknown.json()["error"]["message"]
    assert server.request("GET", f"/v1/conversations/{name}").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("GET", "messages", None), ("GET", "markdown", None), ("PATCH", "", {"title": "Mine"})],
)
def test_anothers_conversation_cannot_be_read_or_named(
    server: Server, method: str, path: str, body: dict[str, str] | None
) -> None:
    name = f"private-{uuid.uuid4()}"
    server.chat("A secret", conversation_id=name)
    where = f"/v1/conversations/{name}/{path}".rstrip("/")
    assert server.request(method, where, json=body, key=BOB_KEY).status_code == 404
    assert server.request("GET", f"/v1/conversations/{name}").json()["title"] == "A secret"


def test_anothers_conversations_are_not_listed(server: Server) -> None:
    name = f"hidden-{uuid.uuid4()}"
    server.chat("Hi", conversation_id=name)
    listed = server.request("GET", "/v1/conversations?limit=500", key=BOB_KEY).json()
    assert name not in {c["id"] for c in listed}
