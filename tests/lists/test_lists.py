"""The list routes through the running program."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.memory.test_at_rest import superuser
from tests.support.server import ALICE_KEY, BOB_KEY, Server


@pytest.fixture(autouse=True)
def _no_lists(server: Server) -> Iterator[None]:
    yield
    for key in (ALICE_KEY, BOB_KEY):
        for one in server.request("GET", "/v1/lists", key=key).json():
            server.request("DELETE", f"/v1/lists/{one['id']}", key=key)


def create(server: Server, name: str, *, key: str = ALICE_KEY) -> Any:
    reply = server.request("POST", "/v1/lists", key=key, json={"name": name})
    assert reply.status_code == 201, reply.text
    return reply.json()


def add(server: Server, made: Any, *items: str) -> Any:
    reply = server.request("POST", f"/v1/lists/{made['id']}/items", json={"items": items})
    assert reply.status_code == 200, reply.text
    return reply.json()


def texts(shown: Any) -> list[str]:
    return [item["text"] for item in shown["items"]]


def test_equal_names_are_one_list(server: Server) -> None:
    made = create(server, "Shopping list")
    assert create(server, "Einkaufszettel") == made
    assert made["key"] == "shopping"
    other = create(server, "Packing list")
    assert create(server, "my PACKING list") == other
    assert [one["name"] for one in server.request("GET", "/v1/lists").json()] == [
        "Shopping list",
        "Packing list",
    ]


def test_equal_items_are_there_once_and_in_order(server: Server) -> None:
    made = create(server, "Shopping list")
    assert texts(add(server, made, "Milk", "Eggs")) == ["Milk", "Eggs"]
    assert texts(add(server, made, "MILK", "Bread", "bread ")) == ["Milk", "Eggs", "bread"]
    (summary,) = server.request("GET", "/v1/lists").json()
    assert (summary["items"], summary["open"]) == (3, 3)


def test_requests_at_once_add_an_item_once(server: Server) -> None:
    made = create(server, "Shopping list")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: add(server, made, "Milk", f"Item {number % 2}"), range(8)))
    shown = server.request("GET", f"/v1/lists/{made['id']}").json()
    assert sorted(texts(shown)) == ["Item 0", "Item 1", "Milk"]


def test_checking_off_and_clearing(server: Server) -> None:
    made = create(server, "Shopping list")
    milk, _ = add(server, made, "Milk", "Eggs")["items"]
    path = f"/v1/lists/{made['id']}"
    done = server.request("PATCH", f"{path}/items/{milk['id']}", json={"done": True}).json()
    assert (done["text"], done["done"]) == ("Milk", True)
    # Adding it again makes it open again.
    again = add(server, made, "milk")
    assert [(item["text"], item["done"]) for item in again["items"]] == [
        ("Milk", False),
        ("Eggs", False),
    ]
    server.request("PATCH", f"{path}/items/{milk['id']}", json={"done": True, "text": "Oat milk"})
    assert texts(server.request("POST", f"{path}/clear", json={"done": True}).json()) == ["Eggs"]
    assert texts(server.request("POST", f"{path}/clear", json={}).json()) == []


def test_removing_and_renaming(server: Server) -> None:
    made = create(server, "Packing list")
    (passport,) = add(server, made, "Passport")["items"]
    path = f"/v1/lists/{made['id']}"
    assert server.request("PATCH", path, json={"name": "Rome"}).json()["name"] == "Rome"
    create(server, "Milan")
    assert server.request("PATCH", path, json={"name": "MILAN"}).status_code == 409
    item = f"{path}/items/{passport['id']}"
    assert server.request("DELETE", item).status_code == 204
    assert server.request("DELETE", item).status_code == 404
    assert server.request("DELETE", path).status_code == 204
    assert server.request("GET", path).status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("", {"name": " "}, "name"),
        ("", {"name": "x" * 101}, "name"),
        ("/{id}/items", {"items": []}, "items"),
        ("/{id}/items", {"items": ["x" * 201]}, "items"),
        ("/{id}/items", {"items": [" "]}, "items"),
        ("/{id}/items", {"items": ["x"] * 51}, "items"),
        ("/{id}/clear", {"done": 1}, "done"),
    ],
)
def test_each_rule_is_kept(server: Server, path: str, body: Any, field: str) -> None:
    made = create(server, "Rules")
    reply = server.request("POST", "/v1/lists" + path.format(id=made["id"]), json=body)
    assert reply.status_code == 422
    assert [named["field"] for named in reply.json()["error"]["details"]["fields"]] == [field]


def test_a_list_has_an_end(server: Server) -> None:
    made = create(server, "Long")
    for start in range(0, 500, 50):
        add(server, made, *(f"Item {number}" for number in range(start, start + 50)))
    path = f"/v1/lists/{made['id']}/items"
    assert server.request("POST", path, json={"items": ["One more"]}).status_code == 409


def test_what_is_not_ones_own_does_not_exist(server: Server) -> None:
    made = create(server, "Private")
    (item,) = add(server, made, "Secret")["items"]
    path = f"/v1/lists/{made['id']}"
    for method, sub, body in (
        ("GET", "", None),
        ("PATCH", "", {"name": "Mine"}),
        ("DELETE", "", None),
        ("POST", "/items", {"items": ["x"]}),
        ("POST", "/clear", {}),
        ("PATCH", f"/items/{item['id']}", {"done": True}),
        ("DELETE", f"/items/{item['id']}", None),
    ):
        options = {} if body is None else {"json": body}
        reply = server.request(method, path + sub, key=BOB_KEY, **options)
        assert reply.status_code == 404, (method, sub)
    assert server.request("GET", "/v1/lists", key=BOB_KEY).json() == []
    assert texts(server.request("GET", path).json()) == ["Secret"]


def test_names_and_items_are_sealed_and_bound_to_their_row(server: Server) -> None:
    secret = f"Zanzibar {uuid.uuid4().hex}"
    made = create(server, secret)
    first, second = add(server, made, f"{secret} 1", f"{secret} 2")["items"]
    with superuser(server) as connection:
        for table in ("lists", "list_items"):
            rows = connection.execute(f"SELECT * FROM {table}".encode()).fetchall()
            assert secret.encode() not in b"".join(
                bytes(value) for row in rows for value in row if isinstance(value, bytes)
            )
            assert secret not in repr(rows)
        connection.execute(
            "UPDATE list_items SET text = (SELECT text FROM list_items WHERE id = %s)"
            " WHERE id = %s",
            (first["id"], second["id"]),
        )
    shown = server.request("GET", f"/v1/lists/{made['id']}").json()
    assert [item["text"] for item in shown["items"]] == [f"{secret} 1", ""]
    assert "stored text" in shown["items"][1]["error"]


def test_items_are_put_in_order(server: Server) -> None:
    made = create(server, "Shopping list")
    milk, eggs, bread = (item["id"] for item in add(server, made, "Milk", "Eggs", "Bread")["items"])
    path = f"/v1/lists/{made['id']}/order"
    # What is not there any more is passed over, and what is not named keeps its place behind.
    ordered = server.request("POST", path, json={"items": [bread, str(uuid.uuid4()), milk]}).json()
    assert texts(ordered) == ["Bread", "Milk", "Eggs"]
    assert texts(add(server, made, "Salt")) == ["Bread", "Milk", "Eggs", "Salt"]
    assert server.request("POST", path, json={"items": []}).status_code == 422
    assert server.request("POST", path, key=BOB_KEY, json={"items": [eggs]}).status_code == 404
