"""Facts in the user's words: told, told anew, asked for and forgotten, through the program."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.server import ALICE_KEY, BOB_KEY, Server


def run(server: Server, name: str, key: str = ALICE_KEY, **args: Any) -> Any:
    body = {"command": name, "args": args}
    response = server.request("POST", "/v1/commands", key=key, json=body)
    assert response.status_code == 200, response.text
    return response.json()


def tell(server: Server, statement: str) -> dict[str, Any]:
    told: dict[str, Any] = run(server, "remember", statement=statement)["result"]
    return told


def ask(server: Server, question: str, key: str = ALICE_KEY) -> list[str]:
    found = run(server, "recall", key, question=question)["result"]["memories"]
    return [memory["content"] for memory in found]


def test_what_was_told_is_answered_in_the_same_words(memories: Server) -> None:
    tell(memories, "remember that the spare key is under the flower pot")
    tell(memories, "I am allergic to hazelnuts")
    assert ask(memories, "Where is the spare key?") == ["The spare key is under the flower pot."]
    assert ask(memories, "What am I allergic to?") == ["I am allergic to hazelnuts."]
    told = run(memories, "recall", question="Where is the spare key?")["text"]
    assert told == "You told me this (today): The spare key is under the flower pot."


def test_what_was_not_told_is_not_made_up(memories: Server) -> None:
    tell(memories, "I am allergic to hazelnuts")
    assert ask(memories, "Who won the football match in Madrid?") == []
    assert ask(memories, "Which shoes does my brother wear?", BOB_KEY) == []


@pytest.mark.parametrize(
    "question",
    ["What do you know about me?", "Sag mir alles, was du über mich weißt", "Que sais-tu de moi ?"],
)
def test_all_that_is_known_is_told(memories: Server, question: str) -> None:
    first, second = tell(memories, "I live in Graz"), tell(memories, "My wife is called Anna")
    assert ask(memories, question) == [second["content"], first["content"]]


def test_the_newest_wins_and_the_older_one_is_history(memories: Server) -> None:
    old = tell(memories, "My wife's name is Anna")
    new = tell(memories, "My wife's name is Hanna")
    assert ask(memories, "What is my wife's name?") == ["My wife's name is Hanna."]
    assert memories.request("GET", f"/v1/memories/{new['id']}").json()["supersedes"] == [old["id"]]
    older = memories.request("GET", f"/v1/memories/{old['id']}").json()
    assert (older["superseded_by"], older["content"]) == (new["id"], "My wife's name is Anna.")
    run(memories, "forget", memory_id=new["id"])
    assert ask(memories, "What is my wife's name?") == ["My wife's name is Anna."]


def test_what_there_are_several_of_is_added(memories: Server) -> None:
    for statement in ("My son is called Tim", "My son is called Ben", "I'm also allergic to cats"):
        assert tell(memories, statement)["merged"] is False
    listed = memories.request("GET", "/v1/memories").json()
    assert len(listed) == 3
    assert not any("superseded_by" in memory for memory in listed)


def test_what_a_program_stores_replaces_nothing_unless_it_says_so(memories: Server) -> None:
    body = {"summary": "a wife", "memory_type": "fact"}
    for name in ("Anna", "Hanna"):
        content = {"content": f"My wife's name is {name}."}
        memories.request("POST", "/v1/memories", json=body | content)
    listed = memories.request("GET", "/v1/memories").json()
    assert not any("superseded_by" in memory for memory in listed)


def test_forgetting_by_words(memories: Server) -> None:
    tell(memories, "The spare key is under the flower pot")
    tell(memories, "I am allergic to hazelnuts")
    forgotten = run(memories, "forget", about="my allergy to hazelnuts")["result"]
    assert [memory["content"] for memory in forgotten["forgotten"]] == [
        "I am allergic to hazelnuts."
    ]
    assert len(memories.request("GET", "/v1/memories").json()) == 1


def test_forgetting_what_was_said_last(memories: Server) -> None:
    tell(memories, "The spare key is under the flower pot")
    tell(memories, "I am allergic to hazelnuts")
    run(memories, "forget")
    assert ask(memories, "What do you know about me?") == ["The spare key is under the flower pot."]


def test_another_user_neither_hears_nor_forgets_it(memories: Server) -> None:
    mine = tell(memories, "The spare key is under the flower pot")
    assert ask(memories, "Where is the spare key?", BOB_KEY) == []
    assert run(memories, "forget", BOB_KEY, memory_id=mine["id"])["result"]["forgotten"] == []
    assert ask(memories, "Where is the spare key?") == ["The spare key is under the flower pot."]
