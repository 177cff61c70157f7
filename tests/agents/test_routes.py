"""With `agentic.enabled = false` every route of tasks is a 503 that names the setting."""

from __future__ import annotations

from typing import Any, cast

import falcon.asgi
import falcon.testing
import pytest

from pisovereign.agents.routes import TaskRoutes
from pisovereign.agents.service import TaskService
from pisovereign.asgi.body import BodyReader
from pisovereign.asgi.errors import add_error_handlers
from pisovereign.asgi.routes import Route, add_routes

NOTHING = cast("Any", None)


@pytest.fixture(scope="module")
def client() -> falcon.testing.TestClient:
    service = TaskService(
        database=NOTHING,
        store=NOTHING,
        queue=NOTHING,
        events=NOTHING,
        transitions=NOTHING,
        dispatcher=NOTHING,
        enabled=False,
        most_open=1,
    )
    app: falcon.asgi.App[Any, Any] = falcon.asgi.App()
    add_error_handlers(app)
    add_routes(app, [TaskRoutes], [TaskRoutes(service, NOTHING)], BodyReader(1000, 1.0))
    return falcon.testing.TestClient(app)


@pytest.mark.parametrize("entry", TaskRoutes.entries(), ids=lambda entry: entry.name)
def test_no_route_of_tasks_is_there(client: falcon.testing.TestClient, entry: Route) -> None:
    path = entry.path.replace("{task_id}", "no-id")
    for query in ("", "limit=many"):
        answer = client.simulate_request(entry.method, path, query_string=query, body="no JSON")
        assert answer.status_code == 503
        assert answer.json["error"]["details"] == {"setting": "agentic.enabled"}
