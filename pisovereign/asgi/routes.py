"""Routes: each is one entry that the app, the list of public paths and the documents are made of.

A capability has a class in its `routes.py` whose methods are responders, each below its entry:

    class ReminderRoutes(Routes, tag="Reminders"):
        @route("POST", "/v1/reminders/{id}/snooze", summary="...")
        async def snooze_reminder(
            self, req: Request, resp: Response, reminder: str, body: Snooze
        ) -> Reminder:
            ...

The annotations say what is taken: `body` and `query` are structs that are read and checked before
the responder is called. Parameters of the path are passed by position, and what is returned is
written as JSON. The docstring is the text of the reference (docs/api.md).
"""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import (
    Any,
    ClassVar,
    Generic,
    Literal,
    NamedTuple,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)
from uuid import UUID

import falcon.asgi
import msgspec

from pisovereign.admission.fair_limiter import FairLimiter
from pisovereign.asgi.body import BodyReader
from pisovereign.asgi.query import read_query
from pisovereign.asgi.types import TAKES_TOO_LITTLE
from pisovereign.config import Scope
from pisovereign.errors import NotFound, ServiceUnavailable

JSON = "application/json"
EVENTS = "text/event-stream"
BYTES = "application/octet-stream"
T = TypeVar("T")
R = TypeVar("R", bound="Responder")
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Responder = Callable[..., Awaitable[Any]]
_ENTRIES = "routes"
_encoder = msgspec.json.Encoder()
_PARAMETER = re.compile(r"{(\w+)}")


class Page(NamedTuple, Generic[T]):
    """One page of a list, and how many entries there are in all (`X-Total-Count`).

    `following` is the cursor of the next page (`X-Next-Cursor`); None: there is none.
    """

    entries: list[T]
    total: int
    following: str | None = None


class Types(NamedTuple):
    """The types of a route; `alternatives` are the structs that its response may be."""

    body: type[msgspec.Struct] | None
    query: type[msgspec.Struct] | None
    alternatives: tuple[Any, ...]
    counted: bool


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """A request and its response: values of JSON, or text as it is sent.

    The tests send them to a running server. `pending` is what comes in the place of `response` when
    somebody has to approve first.
    """

    request: Any = None
    response: Any = None
    pending: Any = None


_NO_EXAMPLE = Example()
_NO_FIELDS: Mapping[str, str] = {}


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One method of one path, and who answers it.

    A key is needed unless the route is `public`, one with `scope`; one that `knows_keys` gives more
    to who sends a right one. It counts against the rate limit unless it is `unlimited`; then only a
    wrong key does. Of one with `attempts` an address that was refused (401, 403) a few times in a
    minute has to wait. `operation_id` is the name that generated clients use, the responder's
    unless another is given. A body is needed unless it is `optional_body`; a `raw_body` is bytes
    that the responder reads by itself. `fields` says in Markdown what each of its fields may be. Of
    one with `any_type` nobody asks whether its `Content-Type` is JSON's. With `text_errors`, the
    body of an error is `{"error": "..."}`, and 400 stands for broken rules, too.

    `body`, `query` and `response` are for responders that read or write something by themselves;
    for all others the annotations tell. `errors` are statuses beside those that each route of its
    kind has, `also` another status with the same body. `links` are operations whose parameter is
    the field of that name in the response. What is not `documented` is a part of a page, and needs
    no name and summary. A responder may have several entries.
    """

    method: Method
    path: str
    responder: Responder
    operation_id: str
    summary: str
    example: Example
    public: bool
    knows_keys: bool
    unlimited: bool
    attempts: bool
    scope: Scope
    body: type[msgspec.Struct] | None
    optional_body: bool
    raw_body: bool
    fields: Mapping[str, str]
    ignore_unknown: bool
    any_type: bool
    text_errors: bool
    query: type[msgspec.Struct] | None
    response: Any
    media_type: str
    status: int
    also: int | None
    errors: tuple[int, ...]
    links: tuple[str, ...]
    head: bool
    documented: bool

    @property
    def name(self) -> str:
        """Return method and path, as headings have them."""
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> list[str]:
        """Return the names of the path's parameters."""
        return _PARAMETER.findall(self.path)

    @property
    def description(self) -> str:
        """Return what the reference says: Markdown, with the links of a page in docs/."""
        return inspect.getdoc(self.responder) or ""

    def types(self) -> Types:
        """Return what is read and written, from the entry and the responder's annotations."""
        hints = get_type_hints(self.responder)
        written = self.response or hints["return"]
        counted = get_origin(written) is Page
        if counted:
            written = list[get_args(written)[0]]  # type: ignore[misc]
        union = get_args(written) if get_origin(written) in (Union, types.UnionType) else ()
        alternatives = tuple(kind for kind in union or (written,) if kind is not type(None))
        return Types(
            self.body or hints.get("body"), self.query or hints.get("query"), alternatives, counted
        )


def route(
    method: Method,
    path: str,
    *,
    operation_id: str = "",
    summary: str = "",
    example: Example = _NO_EXAMPLE,
    public: bool = False,
    knows_keys: bool = False,
    unlimited: bool = False,
    attempts: bool = False,
    scope: Scope = "user",
    body: type[msgspec.Struct] | None = None,
    optional_body: bool = False,
    raw_body: bool = False,
    fields: Mapping[str, str] = _NO_FIELDS,
    ignore_unknown: bool = False,
    any_type: bool = False,
    text_errors: bool = False,
    query: type[msgspec.Struct] | None = None,
    response: Any = None,
    media_type: str = JSON,
    status: int = 200,
    also: int | None = None,
    errors: tuple[int, ...] = (),
    links: tuple[str, ...] = (),
    head: bool = False,
    documented: bool = True,
) -> Callable[[R], R]:
    """Serve a path with the method below; `Route` says what the arguments mean."""
    entry = locals()

    def decorate(responder: R) -> R:
        named = {"operation_id": operation_id or _camel_case(responder.__name__)}
        # Decorators work from the last one upwards.
        entries = (Route(responder=responder, **entry | named), *getattr(responder, _ENTRIES, ()))
        setattr(responder, _ENTRIES, entries)
        return responder

    return decorate


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


class Routes:
    """The routes of one capability; `tag` is the heading that they are listed under."""

    tag: ClassVar[str]

    def __init_subclass__(cls, *, tag: str) -> None:
        super().__init_subclass__()
        cls.tag = tag

    @classmethod
    def entries(cls) -> list[Route]:
        """Return them, in the order in which they are written."""
        return [e for member in vars(cls).values() for e in getattr(member, _ENTRIES, ())]

    def require_available(self) -> None:
        """Raise if none of them can be used; called before anything of a request is read."""


class PathResource:
    """The resource of a path for Falcon: the responders of all entries that have it."""

    def __init__(self) -> None:
        self._routes: dict[str, Route] = {}

    def add(
        self, route: Route, resource: Routes, bodies: BodyReader, places: FairLimiter | None
    ) -> None:
        """Add one entry's responder.

        Args:
            route: The entry.
            resource: The object whose method the responder is.
            bodies: Reads the bodies of requests.
            places: Has requests of people take turns.
        """
        responder = _responder(route, resource, bodies, places)
        for method in (route.method, "HEAD") if route.head else (route.method,):
            assert method not in self._routes, f"{method} {route.path} has two entries"
            self._routes[method] = route
            setattr(self, f"on_{method.lower()}", responder)

    def entry(self, method: str) -> Route | None:
        """Return the entry of a method; None: it is not allowed here."""
        return self._routes.get(method)


def add_routes(
    app: falcon.asgi.App[Any, Any],
    tables: Iterable[type[Routes]],
    served: Iterable[Routes],
    bodies: BodyReader,
    places: FairLimiter | None = None,
) -> None:
    """Serve every entry of every table.

    Args:
        app: What serves them.
        tables: All tables.
        served: The object of each.
        bodies: Reads the bodies of requests.
        places: Has requests of people take turns; None: all that comes is begun.

    Raises:
        KeyError: A table's object is missing.
    """
    objects = {type(each): each for each in served}
    paths: dict[str, PathResource] = {}
    for table in tables:
        for entry in table.entries():
            paths.setdefault(entry.path, PathResource()).add(entry, objects[table], bodies, places)
    for path, resource in paths.items():
        app.add_route(path, resource)


def public_paths(tables: Iterable[type[Routes]]) -> frozenset[str]:
    """Return the paths that need no key; none of them has parameters.

    A path is public as a whole: what asks for a key looks at nothing else.
    """
    entries = [entry for table in tables for entry in table.entries()]
    paths = frozenset(entry.path for entry in entries if entry.public)
    for entry in entries:
        assert entry.public or entry.path not in paths, f"{entry.name} would need no key either"
    assert not any("{" in path for path in paths)
    return paths


def key_knowing_paths(tables: Iterable[type[Routes]]) -> frozenset[str]:
    """Return the public paths where a key that is sent counts."""
    return frozenset(e.path for table in tables for e in table.entries() if e.knows_keys)


def unlimited_paths(tables: Iterable[type[Routes]]) -> frozenset[str]:
    """Return the paths that are exempt from the rate limit."""
    return frozenset(e.path for table in tables for e in table.entries() if e.unlimited)


def limited_attempts(tables: Iterable[type[Routes]]) -> frozenset[str]:
    """Return the paths on which somebody shows who they are."""
    return frozenset(e.path for table in tables for e in table.entries() if e.attempts)


def respond(resp: falcon.asgi.Response, body: Any) -> None:
    """Write `body` as JSON; times are RFC 3339 in UTC with `Z`."""
    resp.content_type = "application/json; charset=utf-8"
    resp.data = _encoder.encode(body)


def parse_id(text: str, kind: str) -> UUID:
    """Return the id of a path; what cannot be one answers as an unknown one.

    Raises:
        NotFound: It is no UUID; the message names the `kind` of thing.
    """
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(f"No such {kind}") from None


def _responder(
    route: Route, resource: Routes, bodies: BodyReader, places: FairLimiter | None
) -> Responder:
    """Return what Falcon calls for one entry."""
    hints = get_type_hints(route.responder)
    query, body = hints.get("query"), hints.get("body")

    async def respond_to(
        req: falcon.asgi.Request, resp: falcon.asgi.Response, **parameters: str
    ) -> None:
        resource.require_available()
        resp.status = route.status
        given: dict[str, Any] = {}
        if query is not None:
            given["query"] = read_query(req, query)
        if body is not None and route.optional_body:
            given["body"] = await bodies.read_optional(req, body)
        elif body is not None:
            given["body"] = await bodies.read(
                req, body, ignore_unknown=route.ignore_unknown, any_type=route.any_type
            )
        # Only now: whoever sends a body slowly has no place meanwhile.
        if places is None or route.public:
            place = None
        else:
            place = await places.enter(str(req.context.user.user_id))
        try:
            _require_reader(req)
            answer = await route.responder(resource, req, resp, *parameters.values(), **given)
            _write(resp, answer)
        finally:
            if place is not None:
                place.close()

    return respond_to


def _require_reader(req: falcon.asgi.Request) -> None:
    """Refuse a client that leaves answers untaken; it was asked before, but may have waited since.

    Raises:
        ServiceUnavailable: As much waits for it as may.
    """
    takes_too_little = req.scope.get(TAKES_TOO_LITTLE)
    if takes_too_little is not None and takes_too_little():
        raise ServiceUnavailable("Earlier answers were not taken", retry_after=1)


def _write(resp: falcon.asgi.Response, answer: Any) -> None:
    """Write what a responder returned, if anything."""
    if isinstance(answer, Page):
        resp.set_header("X-Total-Count", str(answer.total))
        if answer.following is not None:
            resp.set_header("X-Next-Cursor", answer.following)
        answer = answer.entries
    if answer is not None:
        respond(resp, answer)
