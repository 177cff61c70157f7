"""Commands of the suite's server; each test begins with the defaults alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.server import ADMIN_KEY, ALICE_KEY, BOB_KEY, Server

CATALOG = "/v1/commands/catalog"


class Catalog:
    """The catalog routes."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def request(self, method: str, path: str = "", *, key: str = ALICE_KEY, **options: Any) -> Any:
        return self.server.request(method, f"{CATALOG}{path}", key=key, **options)

    def add(self, command: str, *, key: str = ALICE_KEY, **fields: Any) -> dict[str, Any]:
        body = {"name": "Mine", "command": command, **fields}
        response = self.request("POST", key=key, json=body)
        assert response.status_code == 201, response.text
        made: dict[str, Any] = response.json()
        return made

    def add_free(self, command: str, **fields: Any) -> str:
        """The id of a command that needs no approval."""
        made = self.add(command, key=ADMIN_KEY, requires_approval=False, **fields)
        return str(made["id"])

    def approved(self, command: str) -> dict[str, Any]:
        """How a command of the owner's ended that they approved."""
        asked = self.execute(command, key=ADMIN_KEY).json()
        path = f"/v1/approvals/{asked['approval_id']}/approve"
        response = self.server.request("POST", path, key=ADMIN_KEY)
        assert response.status_code == 200, response.text
        result: dict[str, Any] = response.json()["result"]
        return result

    def execute(self, command: str, *, key: str = ALICE_KEY, **arguments: str) -> Any:
        body = {"json": {"arguments": arguments}} if arguments else {}
        return self.request("POST", f"/{command}/execute", key=key, **body)


@pytest.fixture
def catalog(server: Server) -> Catalog:
    catalog = Catalog(server)
    delete_own(catalog)
    return catalog


def delete_own(catalog: Catalog) -> None:
    """Leave the defaults alone."""
    for key in (ALICE_KEY, BOB_KEY):
        for command in catalog.request("GET", "?limit=500", key=key).json():
            if not command["id"].startswith("default-"):
                catalog.request("DELETE", f"/{command['id']}", key=key)
