"""The pages' files are found however the path is written that led to their route."""

from __future__ import annotations

from typing import Any

import falcon.asgi
import falcon.testing
import pytest

from pisovereign.asgi.body import BodyReader
from pisovereign.asgi.errors import add_error_handlers
from pisovereign.asgi.routes import add_routes
from pisovereign.openapi.routes import DocumentationRoutes

PATHS = [entry.path for entry in DocumentationRoutes.entries()]


@pytest.fixture(scope="module")
def client() -> falcon.testing.TestClient:
    app: falcon.asgi.App[Any, Any] = falcon.asgi.App()
    app.req_options.strip_url_path_trailing_slash = True
    add_error_handlers(app)
    routes = DocumentationRoutes(lambda: b"{}")
    add_routes(app, [DocumentationRoutes], [routes], BodyReader(1000, 1.0))
    return falcon.testing.TestClient(app)


@pytest.mark.parametrize("path", PATHS)
def test_slashes_around_a_path_change_nothing(client: falcon.testing.TestClient, path: str) -> None:
    plain = client.simulate_get(path)
    assert plain.status_code < 400
    for other in (f"/{path}", f"//{path}", f"{path}/"):
        assert client.simulate_get(other).content == plain.content
