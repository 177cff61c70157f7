"""Approvals of the suite's server; each test begins without pending ones."""

from __future__ import annotations

from typing import Any

import pytest

from tests.catalog.conftest import Catalog, catalog
from tests.support.server import AGENT_KEY, ALICE_KEY, BOB_KEY, Server

__all__ = ["catalog"]


class Approvals:
    """The approval and audit routes."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.catalog = Catalog(server)

    def ask(self, command: str = "echo asked", *, key: str = AGENT_KEY, **arguments: str) -> str:
        """The id of a new approval, for a command that needs one."""
        made = self.catalog.add(command, key=key)
        answer = self.catalog.execute(made["id"], key=key, **arguments)
        assert answer.status_code == 200, answer.text
        assert answer.json()["status"] == "pending_approval"
        return str(answer.json()["approval_id"])

    def request(self, method: str, path: str = "", *, key: str = ALICE_KEY, **options: Any) -> Any:
        return self.server.request(method, f"/v1/approvals{path}", key=key, **options)

    def decide(self, approval: str, decision: str, *, key: str = ALICE_KEY, **options: Any) -> Any:
        return self.request("POST", f"/{approval}/{decision}", key=key, **options)

    def get(self, approval: str, *, key: str = ALICE_KEY) -> dict[str, Any]:
        shown: dict[str, Any] = self.request("GET", f"/{approval}", key=key).json()
        return shown

    def audit(self, *, key: str = ALICE_KEY, limit: int = 500) -> list[dict[str, Any]]:
        """Entries of the log, the newest first."""
        response = self.server.request("GET", f"/v1/audit?limit={limit}", key=key)
        assert response.status_code == 200
        entries: list[dict[str, Any]] = response.json()
        return entries

    def events(self, approval: str) -> list[str]:
        """What the log tells of an approval, the oldest first."""
        return [e["event"] for e in self.audit() if e["subject"] == approval][::-1]

    def verify(self, *, key: str = ALICE_KEY, **query: str) -> dict[str, Any]:
        response = self.server.request("GET", "/v1/audit/verify", key=key, params=query)
        assert response.status_code == 200, response.text
        report: dict[str, Any] = response.json()
        return report


@pytest.fixture
def approvals(server: Server, catalog: Catalog) -> Approvals:
    running = Approvals(server)
    _cancel_all(running)
    return running


def _cancel_all(approvals: Approvals) -> None:
    for key in (ALICE_KEY, BOB_KEY):
        for one in approvals.request("GET", "?status=pending&limit=500", key=key).json():
            approvals.decide(one["id"], "cancel", key=key)
