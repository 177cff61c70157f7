"""Near duplicates and corrections, through the running program."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.memory.support import Elsewhere, remember, search
from tests.support.api_process import ApiProcess
from tests.support.server import Server, free_port


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        ("The user prefers dark mode", "User prefers dark mode.", "User prefers dark mode."),
        ("I live in Berlin", "I live in Berlin, Germany", "I live in Berlin, Germany"),
        ("I live in Berlin, Germany", "I live in Berlin", "I live in Berlin, Germany"),
        ("Der Hund heißt Bello", "Der HUND heißt Bello!", "Der HUND heißt Bello!"),
    ],
)
def test_a_near_duplicate_is_merged(memories: Server, old: str, new: str, kept: str) -> None:
    first = remember(memories, old, tags=["a"], importance=0.9)
    second = remember(memories, new, tags=["b", "a"], importance=0.2)
    assert (second["id"], second["merged"]) == (first["id"], True)
    assert second["tags"] == ["a", "b"]
    assert second["importance"] == 0.9
    assert second["created_at"] == first["created_at"]
    assert [m["content"] for m in memories.request("GET", "/v1/memories").json()] == [kept]
    found = search(memories, new)
    assert [m["content"] for m in found] == [kept]
    assert found[0]["similarity"] > 0.8


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("The PIN of the bike lock is 4711", "The PIN of the bike lock is 4712"),
        ("Meeting on Tuesday at 3 pm", "Meeting on Thursday at 3 pm"),
        ("The user likes dogs", "The user does not like dogs"),
        ("The user does not like dogs", "The user likes dogs"),
        ("Peter owes me 20 euros", "I owe Peter 20 euros"),
        ("The user likes tea", "The user likes green tea with honey"),
    ],
)
def test_what_only_looks_alike_is_kept(memories: Server, old: str, new: str) -> None:
    remember(memories, old)
    assert remember(memories, new)["merged"] is False
    assert {m["content"] for m in memories.request("GET", "/v1/memories").json()} == {old, new}


def test_another_type_is_another_memory(memories: Server) -> None:
    remember(memories, "The user prefers dark mode", memory_type="fact")
    other = remember(memories, "The user prefers dark mode", memory_type="preference")
    assert other["merged"] is False


def test_the_same_from_many_at_once_is_stored_once(memories: Server) -> None:
    text = f"The code word is {uuid.uuid4()}"
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: remember(memories, text), range(16)))
    assert len({m["id"] for m in made}) == 1
    assert sum(not m["merged"] for m in made) == 1


def test_a_correction_takes_the_place_of_what_it_corrects(memories: Server) -> None:
    old = remember(memories, "The meeting is on Tuesday at 3 pm", memory_type="fact")
    other = remember(memories, "The dentist appointment is on Tuesday", memory_type="fact")
    new = remember(memories, "The meeting is on Thursday, not Tuesday", memory_type="correction")
    found = [m["id"] for m in search(memories, "When is the meeting on Tuesday?")]
    assert found[0] == new["id"]
    assert old["id"] not in found
    assert other["id"] in found
    # It is not lost: it says what took its place, and returns when that goes.
    path = f"/v1/memories/{old['id']}"
    assert memories.request("GET", path).json()["superseded_by"] == new["id"]
    memories.request("DELETE", f"/v1/memories/{new['id']}")
    assert "superseded_by" not in memories.request("GET", path).json()
    assert old["id"] in [m["id"] for m in search(memories, "When is the meeting?")]


def test_a_correction_can_name_what_it_corrects(memories: Server) -> None:
    old = remember(memories, "Grandma lives in Bremen")
    remember(memories, "She moved", memory_type="correction", corrects=old["id"])
    assert old["id"] not in [m["id"] for m in search(memories, "Where does grandma live?")]


@pytest.mark.parametrize("kind", ["correction", "fact"])
def test_a_correction_of_nothing_is_refused(memories: Server, kind: str) -> None:
    body = {
        "content": "She moved",
        "summary": "move",
        "memory_type": kind,
        "corrects": str(uuid.uuid4()),
    }
    response = memories.request("POST", "/v1/memories", json=body)
    assert response.status_code == 422
    assert response.json()["error"]["details"]["fields"][0]["field"] == "corrects"
    assert memories.request("GET", "/v1/memories").json() == []


def test_a_correction_leaves_what_it_has_nothing_to_do_with(memories: Server) -> None:
    old = remember(memories, "The user's dog is called Bello")
    remember(memories, "The user's name is Anna, not Hannah", memory_type="correction")
    assert "superseded_by" not in memories.request("GET", f"/v1/memories/{old['id']}").json()


def test_a_request_that_is_sent_again_is_stored_once(memories: Server) -> None:
    """Also when the embedding model was away the first time, the second time, or both times."""
    away = f"http://127.0.0.1:{free_port()}/v1"
    body: dict[str, Any] = {"tags": ["pump"], "memory_type": "fact"}
    with ApiProcess(memories, PISOVEREIGN_INFERENCE__BASE_URL=away) as api:
        without_model = Elsewhere(memories, api.url)
        for text in ("Pump 7 was oiled by Kim", "?!", "the"):
            with without_model as elsewhere:
                made = remember(elsewhere, text, **body)
                repeated = [remember(elsewhere, text, **body)]
            repeated.append(remember(memories, text, **body))
            with without_model as elsewhere:
                repeated.append(remember(elsewhere, text, **body))
                assert {(m["id"], m["merged"]) for m in repeated} == {(made["id"], True)}, text
        with without_model as elsewhere:
            for other in ("Pump 8 was oiled by Kim", "By Kim was pump 8 oiled"):
                assert remember(elsewhere, other, **body)["merged"] is False
    assert memories.request("GET", "/v1/memories").headers["X-Total-Count"] == "5"
