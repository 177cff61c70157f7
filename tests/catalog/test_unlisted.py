"""Commands of programs that are not known: who adds them, what is said of them and seen by them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.catalog.conftest import Catalog
from tests.support.server import ADMIN_KEY, AGENT_KEY, ALICE_KEY

UNLISTED = "nl /etc/hostname"


@pytest.fixture
def disk() -> Iterator[Path]:
    """A folder of people's, which everybody may read and no program of ours hides."""
    place = Path("/srv")
    if not os.access(place, os.W_OK):
        pytest.skip(f"only root can make a folder in {place}")
    with tempfile.TemporaryDirectory(dir=place) as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "diary").write_text("a secret of people's\n")
        (folder / "diary").chmod(0o644)
        yield folder


@pytest.mark.parametrize("key", [ALICE_KEY, AGENT_KEY])
def test_only_the_owner_adds_one(catalog: Catalog, key: str) -> None:
    body = {"name": "A", "command": UNLISTED}
    response = catalog.request("POST", key=key, json=body)
    assert response.status_code == 403
    assert "admin" in response.json()["error"]["message"]


def test_the_owners_waits_each_time_and_each_approval_says_so(catalog: Catalog) -> None:
    made = catalog.add(UNLISTED, key=ADMIN_KEY, risk_level="safe", requires_approval=False)
    assert (made["listed"], made["requires_approval"], made["folders"]) == (False, True, [])
    asked = catalog.execute(made["id"], key=ADMIN_KEY)
    assert asked.json()["status"] == "pending_approval"
    path = f"/v1/approvals/{asked.json()['approval_id']}"
    title = catalog.server.request("GET", path, key=ADMIN_KEY).json()["title"]
    assert title == f"Unlisted program (no network, no home folders): {UNLISTED}"


def test_each_approval_says_what_its_command_may(catalog: Catalog) -> None:
    made = catalog.add(UNLISTED, key=ADMIN_KEY, network=True, folders=["/srv/films", "/home/ann"])
    asked = catalog.execute(made["id"], key=ADMIN_KEY).json()
    path = f"/v1/approvals/{asked['approval_id']}"
    title = catalog.server.request("GET", path, key=ADMIN_KEY).json()["title"]
    assert title == f"Unlisted program (with network, sees /srv/films, /home/ann): {UNLISTED}"


def test_it_sees_no_folders_but_those_that_are_named(catalog: Catalog, disk: Path) -> None:
    line = f"nl {disk}/diary"
    hidden = catalog.add(line, key=ADMIN_KEY)
    result = catalog.approved(hidden["id"])
    assert result["status"] == "failed"
    assert "secret" not in str(result)
    named = catalog.add(line, key=ADMIN_KEY, folders=[str(disk)])
    assert "a secret of people's" in str(catalog.approved(named["id"])["stdout"])


def test_a_known_program_sees_them_as_before(catalog: Catalog, disk: Path) -> None:
    made = catalog.add_free(f"cat {disk}/diary")
    assert catalog.execute(made).json()["stdout"] == "a secret of people's\n"


def test_those_from_before_are_marked_and_wait(catalog: Catalog) -> None:
    """Stored when anybody could add them, and the owner without an approval."""
    made = catalog.add(UNLISTED, key=ADMIN_KEY)
    with psycopg.connect(catalog.server.owner_dsn()) as connection:
        connection.execute(
            "UPDATE catalog_commands SET requires_approval = false WHERE id = %s", [made["id"]]
        )
    shown = catalog.request("GET", f"/{made['id']}", key=ADMIN_KEY).json()
    assert (shown["listed"], shown["requires_approval"]) == (False, True)
    asked = catalog.execute(made["id"], key=ADMIN_KEY).json()
    assert asked["status"] == "pending_approval"


def test_every_default_is_listed(catalog: Catalog) -> None:
    assert all(command["listed"] for command in catalog.request("GET").json())


@pytest.mark.parametrize(
    "folder", ["/", "/etc", "/srv/../etc", "srv", "/srvx", "/srv/", "/srv/./a"]
)
def test_folders_are_those_of_people(catalog: Catalog, folder: str) -> None:
    body = {"name": "A", "command": UNLISTED, "folders": [folder]}
    response = catalog.request("POST", key=ADMIN_KEY, json=body)
    assert response.status_code == 422, response.text
