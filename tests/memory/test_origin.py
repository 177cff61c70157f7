"""Why something is remembered, forgetting several at once, and importing what was exported."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from pisovereign.memory.learning import LEAST_CHARACTERS
from tests.memory.support import remember
from tests.support.server import BOB_KEY, Server, wait_until


def origin(server: Server, memory: str, **options: Any) -> Any:
    return server.request("GET", f"/v1/memories/{memory}/origin", **options)


def test_what_was_said_in_chat_names_sentence_and_conversation(memories: Server) -> None:
    said = "I am allergic to hazelnuts and walnuts. What can I bake?"
    conversation = f"dinner-{uuid4()}"
    for temperature in (0.0, *[1.0] * 8):  # nothing is learned beside a very short answer
        fields: dict[str, Any] = {"learn": True, "commands": False, "max_tokens": 40}
        fields |= {"conversation_id": conversation, "temperature": temperature}
        answer = memories.chat(said, **fields)
        assert answer.status_code == 200
        if len(answer.json()["content"].strip()) >= LEAST_CHARACTERS:
            break

    def learned() -> list[Any]:
        rows = memories.request("GET", "/v1/memories").json()
        return [row for row in rows if "hazelnuts" in row["content"]]

    wait_until(learned, 60, "the memory")
    (memory,) = learned()
    shown = origin(memories, memory["id"]).json()
    assert shown["given_importance"] == shown["importance"] == memory["importance"]
    (source,) = shown["sources"]
    assert (source["origin"], source["conversation_id"]) == ("said", conversation)
    assert "hazelnuts" in source["sentence"]
    # The words are gone once others take their place; the occasion stays.
    change = {"content": "Allergic to walnuts", "summary": "walnuts"}
    path = f"/v1/memories/{memory['id']}"
    assert memories.request("PATCH", path, json=change).status_code == 200
    (source,) = origin(memories, memory["id"]).json()["sources"]
    assert (source["sentence"], source["conversation_id"]) == (None, conversation)
    memories.request("DELETE", f"/v1/conversations/{conversation}")
    assert origin(memories, memory["id"]).json()["sources"][0]["conversation_id"] is None


def test_somebody_elses_memory_has_no_origin(memories: Server) -> None:
    made = remember(memories, "The key is under the pot")["id"]
    assert origin(memories, made).json()["sources"][0]["origin"] == "added"
    assert origin(memories, made, key=BOB_KEY).status_code == 404
    assert origin(memories, str(uuid4())).status_code == 404


def test_exactly_those_that_were_shown_are_forgotten(memories: Server) -> None:
    made = [remember(memories, text)["id"] for text in ("Tea is green", "Bob paints", "Rain")]
    others = remember(memories, "A secret of Bob's", key=BOB_KEY)["id"]
    body = {"ids": [made[0], made[1], made[1], others, str(uuid4())]}
    answer = memories.request("POST", "/v1/memories/forget", json=body)
    assert answer.json() == {"deleted": 2}
    assert [m["id"] for m in memories.request("GET", "/v1/memories").json()] == [made[2]]
    assert memories.request("GET", f"/v1/memories/{others}", key=BOB_KEY).status_code == 200
    for bad in ([], ["x"], [str(uuid4())] * 201):
        answer = memories.request("POST", "/v1/memories/forget", json={"ids": bad})
        assert answer.status_code == 422


def test_an_export_can_be_imported_again_and_adds_nothing_twice(memories: Server) -> None:
    remember(memories, "The user prefers dark mode", memory_type="preference", tags=["ui"])
    remember(memories, "The <b>attic</b> holds the sledge", importance=0.9)
    lines = memories.request("GET", "/v1/memories/export").text.splitlines()
    fields = ("content", "summary", "memory_type", "importance", "tags")
    rows = [{name: json.loads(line)[name] for name in fields} for line in lines]
    memories.request("DELETE", "/v1/memories?confirm=all")

    def bring() -> Any:
        body = {"memories": rows}
        return memories.request("POST", "/v1/memories/import", json=body).json()

    assert bring() == {"added": 2, "merged": 0}
    assert bring() == {"added": 0, "merged": 2}
    kept = memories.request("GET", "/v1/memories").json()
    assert sorted(({n: m[n] for n in fields} for m in kept), key=str) == sorted(rows, key=str)
    assert origin(memories, kept[0]["id"]).json()["sources"][0]["origin"] == "imported"
    bad = {"memories": [{"content": "fine"}, {"content": " "}]}
    answer = memories.request("POST", "/v1/memories/import", json=bad)
    assert answer.status_code == 422
    assert "memories[1].content" in answer.text
