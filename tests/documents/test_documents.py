"""Documents, from the upload to a search, and what is left when one is deleted."""

from __future__ import annotations

import hashlib

import psycopg
import pytest

from tests.documents.support import read, search, show, upload
from tests.support.server import ALICE_KEY, BOB_KEY, Server

LEASE = b"""# Lease of the flat in Quittenweg 7

## Rent

The rent is 840 euros a month, due on the third working day. Heating is paid for in advance.

## Pets

Hamsters and fish may be kept. Dogs and cats need the landlord's consent in writing.

## Garden

Tenants mow the lawn in turns. Barbecues are allowed until ten in the evening.
"""


def test_a_document_is_read_found_downloaded_and_deleted(server: Server) -> None:
    document = read(server, "lease.md", LEASE)
    assert document["state"] == "ready", document
    assert (document["format"], document["title"]) == (
        "markdown",
        "Lease of the flat in Quittenweg 7",
    )
    assert document["passages"] == document["read"] == 3
    best = search(server, "Am I allowed to have a cat in the Quittenweg flat?")[0]
    assert best["document"] == "lease.md"
    assert best["headings"] == ["Lease of the flat in Quittenweg 7", "Pets"]
    assert best["text"].startswith("Hamsters and fish")
    content = server.request("GET", f"/v1/documents/{document['id']}/content", key=ALICE_KEY)
    assert content.content == LEASE
    assert content.headers["Content-Disposition"] == "attachment; filename*=UTF-8''lease.md"
    listed = server.request("GET", f"/v1/documents/{document['id']}/passages", key=ALICE_KEY)
    assert [each["place"] for each in listed.json()] == [0, 1, 2]
    assert listed.headers["X-Total-Count"] == "3"

    gone = server.request("DELETE", f"/v1/documents/{document['id']}", key=ALICE_KEY)
    assert gone.status_code == 204
    assert not [
        each for each in search(server, "Quittenweg") if each["document_id"] == document["id"]
    ]
    for path in ("", "/content", "/passages"):
        again = server.request("GET", f"/v1/documents/{document['id']}{path}", key=ALICE_KEY)
        assert again.status_code == 404
    with psycopg.connect(server.owner_dsn()) as connection:
        for table, column in (
            ("documents", "id"),
            ("document_pieces", "document_id"),
            ("passages", "document_id"),
        ):
            left = connection.execute(
                f"SELECT count(*) FROM {table} WHERE {column} = %s",
                (document["id"],),
            ).fetchone()
            assert left == (0,)
        orphans = connection.execute(
            "SELECT count(*) FROM passage_terms t WHERE NOT EXISTS (SELECT FROM passages p"
            " WHERE p.user_id = t.user_id AND p.id = t.passage_id)"
        ).fetchone()
        assert orphans == (0,)


def test_the_same_bytes_are_one_document(server: Server) -> None:
    data = b"The spare fuse box key hangs behind the zebra painting."
    first = upload(server, "fuses.txt", data)
    again = server.request(
        "POST",
        "/v1/documents",
        key=ALICE_KEY,
        files={"file": ("other name.txt", data, "application/pdf")},
    )
    assert (again.status_code, again.json()["id"]) == (200, first["id"])
    other = upload(server, "fuses.txt", data, key=BOB_KEY)
    assert other["id"] != first["id"]


def test_a_form_brings_the_name_and_the_bytes_the_format(server: Server) -> None:
    response = server.request(
        "POST",
        "/v1/documents",
        key=ALICE_KEY,
        files={"file": ("../Grüße.pdf", "Viele Grüße aus dem Pinguinhaus.".encode(), "image/png")},
    )
    assert response.status_code == 201, response.text
    assert (response.json()["name"], response.json()["format"]) == ("Grüße.pdf", "text")


def test_nobody_sees_the_documents_of_others(server: Server) -> None:
    document = read(server, "diary.txt", b"The walrus committee met at noon in the boathouse.")
    for method, path in (
        ("GET", ""),
        ("GET", "/content"),
        ("GET", "/passages"),
        ("POST", "/reindex"),
        ("DELETE", ""),
    ):
        response = server.request(method, f"/v1/documents/{document['id']}{path}", key=BOB_KEY)
        assert response.status_code == 404
    assert not [e for e in search(server, "walrus committee", key=BOB_KEY) if "walrus" in e["text"]]
    assert show(server, document["id"])["state"] == "ready"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "it is empty"),
        (b"\x7fELF\0\0\0\0", "it is none of the formats that can be read"),
        (
            b"\xd0\xcf\x11\xe0 old",
            "it is of an old office program, or encrypted: save it as docx or PDF",
        ),
    ],
)
def test_what_cannot_be_read_is_refused(server: Server, data: bytes, problem: str) -> None:
    response = server.request(
        "POST", "/v1/documents", key=ALICE_KEY, params={"name": "x.txt"}, data=data
    )
    assert response.status_code == 422
    assert response.json()["error"]["details"]["fields"] == [{"field": "body", "error": problem}]


def test_a_broken_file_says_why_and_can_be_read_again(server: Server) -> None:
    data = b"%PDF-1.7\n" + hashlib.sha256(b"broken").digest()
    document = read(server, "broken.pdf", data)
    assert (document["state"], document["error"]) == ("failed", "it is no PDF that can be read")
    again = server.request("POST", f"/v1/documents/{document['id']}/reindex", key=ALICE_KEY)
    assert (again.status_code, again.json()["state"]) == (202, "waiting")


def test_nothing_of_a_document_can_be_read_at_rest(server: Server) -> None:
    read(server, "xylophone-recipe.txt", b"Whisk the marzipan until the ocelot sleeps.")
    with psycopg.connect(server.owner_dsn()) as connection:
        for table in ("documents", "document_pieces", "passages", "passage_terms"):
            rows = connection.execute(f"SELECT t::text FROM {table} t").fetchall()
            for (row,) in rows:
                for word in (b"marzipan", b"xylophone"):
                    assert word.decode() not in row
                    assert word.hex() not in row


def test_a_file_that_is_too_large_is_refused(server: Server) -> None:
    limit = server.request("GET", "/v1/documents/usage", key=ALICE_KEY).json()["most_file_bytes"]
    response = server.request(
        "POST", "/v1/documents", key=ALICE_KEY, params={"name": "x"}, data=b"a" * (limit + 1)
    )
    assert response.status_code == 413
