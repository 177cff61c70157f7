"""A route is served, checked and described as its entry says, and not at all without one."""

from __future__ import annotations

from typing import Any

import falcon.asgi
import falcon.testing
import msgspec
import pytest
from falcon.asgi import Request, Response

from pisovereign.asgi.body import BodyReader
from pisovereign.asgi.errors import add_error_handlers
from pisovereign.asgi.routes import (
    Page,
    Routes,
    add_routes,
    parse_id,
    public_paths,
    route,
    unlimited_paths,
)
from pisovereign.asgi.types import TAKES_TOO_LITTLE
from pisovereign.errors import ServiceUnavailable


class Cat(msgspec.Struct):
    name: str


class Search(msgspec.Struct):
    limit: int = 10


class CatRoutes(Routes, tag="Cats"):
    @route("GET", "/cats", operation_id="listCats", summary="List cats")
    async def list_cats(self, req: Request, resp: Response, query: Search) -> Page[Cat]:
        """List cats."""
        return Page([Cat("Tom")], query.limit)

    @route("POST", "/cats", status=201, errors=(409,))
    async def create_cat(self, req: Request, resp: Response, body: Cat) -> Cat:
        return body

    @route("DELETE", "/cats/{id}", status=204)
    async def delete_cat(self, req: Request, resp: Response, cat: str) -> None:
        assert parse_id(cat, "cat")

    @route("GET", "/purr", public=True, unlimited=True, head=True)
    @route("GET", "/meow", public=True)
    async def sound(self, req: Request, resp: Response) -> Cat | None:
        return None

    async def steal_cat(self, req: Request, resp: Response) -> None:
        raise AssertionError("it has no entry")


def client(*tables: type[Routes]) -> falcon.testing.TestClient:
    app: falcon.asgi.App[Any, Any] = falcon.asgi.App()
    add_error_handlers(app)
    add_routes(app, tables, [CatRoutes()], BodyReader(1000, 1.0))
    return falcon.testing.TestClient(app)


def test_parameters_are_read_and_lists_are_counted() -> None:
    answer = client(CatRoutes).simulate_get("/cats?limit=3")
    assert answer.json == [{"name": "Tom"}]
    assert answer.headers["X-Total-Count"] == "3"
    assert client(CatRoutes).simulate_get("/cats?limit=many").status_code == 400


def test_a_body_is_checked_before_the_responder_is_called() -> None:
    made = client(CatRoutes).simulate_post("/cats", json={"name": "Tom"})
    assert (made.status_code, made.json) == (201, {"name": "Tom"})
    refused = client(CatRoutes).simulate_post("/cats", json={"nme": "Tom"})
    assert refused.status_code == 422
    fields = [fault["field"] for fault in refused.json["error"]["details"]["fields"]]
    assert fields == ["nme", "name"]


def test_what_is_no_id_is_not_found() -> None:
    path = "/cats/5b0c1c9e-6a7d-4f0e-9d6b-2f6a3c1d8e4f"
    assert client(CatRoutes).simulate_delete(path).status_code == 204
    unknown = client(CatRoutes).simulate_delete("/cats/tom")
    assert unknown.status_code == 404
    assert unknown.json["error"]["message"] == "No such cat"


def test_only_methods_with_an_entry_are_served() -> None:
    cats = client(CatRoutes)
    assert cats.simulate_put("/cats").status_code == 405
    assert cats.simulate_head("/purr").status_code == 200
    assert cats.simulate_head("/meow").status_code == 405
    assert [entry.name for entry in CatRoutes.entries()] == [
        "GET /cats",
        "POST /cats",
        "DELETE /cats/{id}",
        "GET /purr",
        "GET /meow",
    ]


def test_the_annotations_tell_the_types() -> None:
    listed, created, deleted, *_ = (entry.types() for entry in CatRoutes.entries())
    assert (listed.query, listed.alternatives, listed.counted) == (Search, (list[Cat],), True)
    assert (created.body, created.alternatives, created.counted) == (Cat, (Cat,), False)
    assert (deleted.body, deleted.alternatives) == (None, ())


def test_only_what_says_so_is_public_or_unlimited() -> None:
    assert public_paths([CatRoutes]) == {"/purr", "/meow"}
    assert unlimited_paths([CatRoutes]) == {"/purr"}

    class Open(Routes, tag="Open"):
        @route("GET", "/open/{id}", public=True)
        async def show(self, req: Request, resp: Response, it: str) -> None:
            """Paths are compared as a whole, so this one would be private."""

    with pytest.raises(AssertionError):
        public_paths([Open])


def test_a_path_is_public_as_a_whole() -> None:
    class Half(Routes, tag="Half"):
        @route("GET", "/half", public=True)
        async def show(self, req: Request, resp: Response) -> None: ...

        @route("POST", "/half")
        async def change(self, req: Request, resp: Response) -> None: ...

    with pytest.raises(AssertionError, match="POST /half would need no key either"):
        public_paths([Half])


def test_what_is_not_available_is_refused_before_anything_is_read() -> None:
    class Away(Routes, tag="Away"):
        def require_available(self) -> None:
            raise ServiceUnavailable("Not today")

        @route("POST", "/away")
        async def change(self, req: Request, resp: Response, body: Cat, query: Search) -> None: ...

    app: falcon.asgi.App[Any, Any] = falcon.asgi.App()
    add_error_handlers(app)
    add_routes(app, [Away], [Away()], BodyReader(1000, 1.0))
    away = falcon.testing.TestClient(app)
    assert away.simulate_post("/away?limit=many", body="no JSON").status_code == 503


def test_nothing_is_made_for_who_took_too_little_while_the_request_waited() -> None:
    app: falcon.asgi.App[Any, Any] = falcon.asgi.App()
    add_error_handlers(app)
    add_routes(app, [CatRoutes], [CatRoutes()], BodyReader(1000, 1.0))
    owing = True

    async def served(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, TAKES_TOO_LITTLE: lambda: owing}, receive, send)

    with_limit = falcon.testing.TestClient(served)
    refused = with_limit.simulate_get("/cats")
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    owing = False
    assert with_limit.simulate_get("/cats").status_code == 200


def test_mistakes_of_tables_are_found_at_the_start() -> None:
    class Twice(Routes, tag="Twice"):
        @route("GET", "/cats")
        async def one(self, req: Request, resp: Response) -> None: ...

        @route("GET", "/cats")
        async def other(self, req: Request, resp: Response) -> None: ...

    bodies = BodyReader(1000, 1.0)
    with pytest.raises(AssertionError, match="GET /cats has two entries"):
        add_routes(falcon.asgi.App(), [Twice], [Twice()], bodies)
    with pytest.raises(KeyError):
        add_routes(falcon.asgi.App(), [CatRoutes, Twice], [CatRoutes()], bodies)
