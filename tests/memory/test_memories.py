"""Creating, reading, changing and deleting memories through the running program."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest

from tests.memory.support import forget_all, remember, search
from tests.support.server import BOB_KEY, Server

FIELDS = {
    "id",
    "content",
    "summary",
    "memory_type",
    "importance",
    "access_count",
    "tags",
    "created_at",
    "updated_at",
}


def test_a_created_memory_has_every_documented_field(memories: Server) -> None:
    body = {
        "content": "The user prefers dark mode",
        "summary": "UI preference: dark mode",
        "memory_type": "preference",
        "importance": 0.8,
        "tags": ["ui", "preference"],
    }
    response = memories.request("POST", "/v1/memories", json=body)
    assert response.status_code == 201
    made = response.json()
    assert made.keys() == FIELDS | {"merged"}
    assert made["merged"] is False
    assert made["memory_type"] == "Preference"
    assert (made["importance"], made["access_count"]) == (0.8, 0)
    assert made["tags"] == body["tags"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", made["created_at"])
    assert response.headers["Location"] == f"/v1/memories/{made['id']}"
    shown = memories.request("GET", response.headers["Location"]).json()
    assert shown == {name: made[name] for name in FIELDS}


def test_defaults(memories: Server) -> None:
    made = remember(memories, "Something")
    assert made["memory_type"] == "Context"
    assert made["importance"] == 0.5
    assert made["tags"] == []


@pytest.mark.parametrize(
    ("given", "shown"), [("tool_result", "Tool Result"), ("Tool Result", "Tool Result")]
)
def test_both_spellings_of_a_type(memories: Server, given: str, shown: str) -> None:
    assert remember(memories, "It rained", memory_type=given)["memory_type"] == shown
    listed = memories.request("GET", "/v1/memories", params={"memory_type": given})
    assert [m["memory_type"] for m in listed.json()] == [shown]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("content", ""),
        ("content", "  "),
        ("content", "x" * 32_001),
        ("content", "a\0b"),
        ("content", None),
        ("summary", ""),
        ("summary", "x" * 2_001),
        ("memory_type", "rumor"),
        ("memory_type", "FACT"),
        ("importance", -0.1),
        ("importance", 1.1),
        ("importance", "high"),
        ("tags", "ui"),
        ("tags", ["x"] * 33),
        ("tags", ["x" * 65]),
        ("tags", [""]),
        ("tags", [" "]),
        ("tags", ["a\0"]),
        ("tags", [1]),
        ("corrects", "not-an-id"),
        ("color", "blue"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_each_rule_is_kept(memories: Server, method: str, field: str, value: Any) -> None:
    path = "/v1/memories"
    body: dict[str, Any] = {"content": "A", "summary": "B"}
    if method == "PATCH":
        path, body = f"{path}/{remember(memories, 'A')['id']}", {}
    response = memories.request(method, path, json=body | {field: value})
    assert response.status_code == 422
    named = [row["field"] for row in response.json()["error"]["details"]["fields"]]
    assert named == [field]


def test_hardly_any_importance_is_none(memories: Server) -> None:
    made = remember(memories, "The bus leaves at nine", importance=5e-324)
    assert memories.request("GET", f"/v1/memories/{made['id']}").json()["importance"] == 0


def test_the_bounds_themselves_are_allowed(memories: Server) -> None:
    longest = {
        "content": "ä" * 32_000,
        "summary": "ß" * 2_000,
        "importance": 1,
        "tags": [f"{number:02}".ljust(64, "x") for number in range(32)],
    }
    made = memories.request("POST", "/v1/memories", json=longest)
    assert made.status_code == 201
    shown = memories.request("GET", f"/v1/memories/{made.json()['id']}").json()
    assert {name: shown[name] for name in longest} == longest


def test_missing_fields_are_all_named(memories: Server) -> None:
    error = memories.request("POST", "/v1/memories", json={}).json()["error"]
    assert [row["field"] for row in error["details"]["fields"]] == ["content", "summary"]


def test_all_broken_fields_are_named_at_once(memories: Server) -> None:
    body = {
        "content": "",
        "summary": "x" * 2_001,
        "memory_type": "rumor",
        "importance": 7,
        "tags": [""],
        "corrects": "x",
        "color": "blue",
    }
    response = memories.request("POST", "/v1/memories", json=body)
    assert response.status_code == 422
    error = response.json()["error"]
    assert error["code"] == "VALIDATION_ERROR"
    assert {row["field"] for row in error["details"]["fields"]} == body.keys()


@pytest.mark.parametrize(
    ("path", "method", "allowed"),
    [
        ("", "PUT", {"GET", "POST", "DELETE", "OPTIONS"}),
        ("/search", "POST", {"GET", "OPTIONS"}),
        ("/stats", "DELETE", {"GET", "OPTIONS"}),
        ("/export", "POST", {"GET", "OPTIONS"}),
        ("/decay", "GET", {"POST", "OPTIONS"}),
        ("/550e8400-e29b-41d4-a716-446655440000", "POST", {"GET", "PATCH", "DELETE", "OPTIONS"}),
    ],
)
def test_other_methods_are_told_which_there_are(
    memories: Server, path: str, method: str, allowed: set[str]
) -> None:
    response = memories.request(method, f"/v1/memories{path}", json={})
    assert response.status_code == 405
    assert response.json()["error"]["code"] == "METHOD_NOT_ALLOWED"
    assert set(response.headers["Allow"].split(", ")) == allowed


def test_pages_of_one_type_have_its_count(memories: Server) -> None:
    for number in range(3):
        remember(memories, f"Fact number {number} about {uuid.uuid4()}", memory_type="fact")
    remember(memories, "Tea is preferred", memory_type="preference")
    page = memories.request("GET", "/v1/memories?memory_type=fact&limit=2")
    assert (len(page.json()), page.headers["X-Total-Count"]) == (2, "3")
    beyond = memories.request("GET", "/v1/memories?offset=10")
    assert (beyond.json(), beyond.headers["X-Total-Count"]) == ([], "4")


def test_lists_are_newest_first_in_pages(memories: Server) -> None:
    made = [remember(memories, f"Fact number {n} about {uuid.uuid4()}")["id"] for n in range(5)]
    first = memories.request("GET", "/v1/memories?limit=3")
    second = memories.request("GET", "/v1/memories?limit=3&offset=3")
    assert first.headers["X-Total-Count"] == "5"
    assert [m["id"] for m in first.json() + second.json()] == made[::-1]


@pytest.mark.parametrize(
    ("query", "status"),
    [("limit=0", 422), ("limit=501", 422), ("limit=x", 400), ("offset=-1", 422)],
)
def test_bad_pages(memories: Server, query: str, status: int) -> None:
    assert memories.request("GET", f"/v1/memories?{query}").status_code == status


def test_change_only_what_is_named(memories: Server) -> None:
    made = remember(memories, "The bus leaves at nine", tags=["bus"], importance=0.3)
    path = f"/v1/memories/{made['id']}"
    changed = memories.request("PATCH", path, json={"content": "The tram leaves at ten"})
    assert changed.status_code == 200
    body = changed.json()
    assert body["content"] == "The tram leaves at ten"
    kept = ("id", "summary", "tags", "importance", "memory_type", "created_at")
    assert {name: body[name] for name in kept} == {name: made[name] for name in kept}
    assert body["updated_at"] > made["updated_at"]
    retyped = memories.request("PATCH", path, json={"memory_type": "fact", "importance": 0.9})
    assert (retyped.json()["memory_type"], retyped.json()["importance"]) == ("Fact", 0.9)
    assert search(memories, "When does the tram go?")[0]["content"] == body["content"]


def test_a_change_of_nothing_changes_nothing(memories: Server) -> None:
    made = remember(memories, "The bus leaves at nine")
    path = f"/v1/memories/{made['id']}"
    assert memories.request("PATCH", path, json={}).json()["updated_at"] == made["updated_at"]
    assert memories.request("PATCH", path, json={}, key=BOB_KEY).status_code == 404


def test_deleted_is_gone(memories: Server) -> None:
    made = remember(memories, "A parrot lives next door")
    assert search(memories, "parrot")
    path = f"/v1/memories/{made['id']}"
    assert memories.request("DELETE", path).status_code == 204
    assert memories.request("GET", path).status_code == 404
    assert memories.request("DELETE", path).status_code == 404
    assert search(memories, "parrot") == []


def test_all_can_be_forgotten_only_on_purpose(memories: Server) -> None:
    for number in range(3):
        remember(memories, f"Secret number {number}{uuid.uuid4()}")
    refused = memories.request("DELETE", "/v1/memories")
    assert refused.status_code == 422
    assert refused.json()["error"]["details"]["fields"][0]["field"] == "confirm"
    assert memories.request("GET", "/v1/memories").headers["X-Total-Count"] == "3"
    assert forget_all(memories).json() == {"deleted": 3}
    assert memories.request("GET", "/v1/memories").json() == []
    assert search(memories, "secret") == []
    remember(memories, "A new beginning")
    assert [m["content"] for m in search(memories, "beginning")] == ["A new beginning"]


def test_counts_of_each_type(memories: Server) -> None:
    remember(memories, "The cellar is damp", memory_type="fact")
    remember(memories, "Rain is expected", memory_type="tool_result")
    stats = memories.request("GET", "/v1/memories/stats").json()
    assert stats["total"] == 2
    assert [(row["memory_type"], row["count"]) for row in stats["by_type"]] == [
        ("Fact", 1),
        ("Preference", 0),
        ("Tool Result", 1),
        ("Correction", 0),
        ("Context", 0),
    ]
    assert stats["embedding"] == {"model": "all-minilm-l6-v2", "embedded": 2}
    assert stats["embeddings"] == [
        {"model": "all-minilm-l6-v2", "embedded": 2},
        {"model": "use-multilingual", "embedded": 2},
    ]


def test_export_is_everything_oldest_first(memories: Server) -> None:
    made = [remember(memories, f"Line {n}: {uuid.uuid4()}\nand more")["content"] for n in range(3)]
    response = memories.request("GET", "/v1/memories/export")
    assert response.headers["Content-Type"] == "application/x-ndjson; charset=utf-8"
    lines = [json.loads(line) for line in response.text.splitlines()]
    assert [line["content"] for line in lines] == made
    assert all(line.keys() == FIELDS for line in lines)


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_anothers_memory_looks_like_an_unknown_one(memories: Server, method: str) -> None:
    made = remember(memories, "A secret")
    body = {"json": {"summary": "x"}} if method == "PATCH" else {}
    replies = [
        memories.request(method, f"/v1/memories/{identifier}", key=BOB_KEY, **body)
        for identifier in (made["id"], uuid.uuid4(), "no-id")
    ]
    assert {reply.status_code for reply in replies} == {404}
    errors = [reply.json()["error"] for reply in replies]
    for error in errors:
        del error["request_id"]
    assert errors == [{"code": "NOT_FOUND", "message": "No such memory", "details": {}}] * 3
    assert memories.request("GET", f"/v1/memories/{made['id']}").status_code == 200


def test_nothing_of_anothers_memories_is_found_or_counted(memories: Server) -> None:
    remember(memories, "The treasure is under the oak")
    assert search(memories, "treasure under the oak", key=BOB_KEY) == []
    assert memories.request("GET", "/v1/memories", key=BOB_KEY).json() == []
    assert memories.request("GET", "/v1/memories/stats", key=BOB_KEY).json()["total"] == 0
    assert memories.request("GET", "/v1/memories/export", key=BOB_KEY).text == ""
    assert forget_all(memories, BOB_KEY).json() == {"deleted": 0}
    assert memories.request("GET", "/v1/memories").headers["X-Total-Count"] == "1"
    merged = remember(memories, "The treasure is under the oak", key=BOB_KEY)["merged"]
    assert merged is False
