"""`pisovereign-cli lists` as a person runs it."""

from __future__ import annotations

import json
import subprocess
import uuid

import pytest

from tests.cli.test_commands import run
from tests.support.server import ALICE_KEY, Server


@pytest.fixture
def environment(server: Server) -> dict[str, str]:
    return {"PISOVEREIGN_URL": server.url, "PISOVEREIGN_API_KEY": ALICE_KEY}


def shown(done: subprocess.CompletedProcess[str]) -> list[tuple[str, ...]]:
    """What of each item, and whether it is done."""
    assert done.returncode == 0, done.stderr
    rows = (line.split(maxsplit=1)[1] for line in done.stdout.splitlines()[1:])
    return [("x", row[1:].strip()) if row.startswith("x ") else ("", row) for row in rows]


def test_a_list_from_its_first_item_to_its_end(environment: dict[str, str]) -> None:
    name = f"Cellar {uuid.uuid4().hex}"
    added = run("lists", "add", name, "Opal wine", "Corks", **environment)
    assert shown(added) == [("", "Opal wine"), ("", "Corks")]
    assert shown(run("lists", "done", name.upper(), "corks", **environment))[1] == ("x", "Corks")
    assert any(
        line.split()[1:3] == ["1", "2"] and line.endswith(name)
        for line in run("lists", "list", **environment).stdout.splitlines()
    )
    assert shown(run("lists", "open", name, "Corks", **environment))[1] == ("", "Corks")
    wrong = run("lists", "remove", name, "Corks", "Cheese", **environment)
    assert (wrong.returncode, wrong.stdout) == (5, "")
    assert "'Cheese' is not on that list; nothing was changed" in wrong.stderr
    whole = json.loads(run("lists", "show", name, "--json", **environment).stdout)
    assert [item["text"] for item in whole["items"]] == ["Opal wine", "Corks"]
    assert shown(run("lists", "remove", name, whole["items"][0]["id"], **environment)) == [
        ("", "Corks")
    ]
    run("lists", "done", name, "Corks", **environment)
    assert shown(run("lists", "clear", name, "--done", **environment)) == []
    run("lists", "rename", name, "Attic", uuid.uuid4().hex, **environment)
    assert run("lists", "show", name, **environment).returncode == 5
    assert run("lists", "delete", whole["id"], **environment).stdout == "deleted\n"
    assert run("lists", "show", whole["id"], **environment).returncode == 5


def test_the_shopping_list_has_one_name_in_every_language(environment: dict[str, str]) -> None:
    one = run("lists", "create", "Einkaufszettel", **environment).stdout
    text = f"Opals {uuid.uuid4().hex}"
    assert ("", text) in shown(run("lists", "add", "shopping list", text, **environment))
    assert ("", text) in shown(run("lists", "show", "shopping", **environment))
    assert run("lists", "create", "shopping list", **environment).stdout == one
    run("lists", "remove", "shopping", text, **environment)
