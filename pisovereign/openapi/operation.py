"""How a route is described."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Method = Literal["get", "post", "patch", "delete"]
JSON = "application/json"
EVENTS = "text/event-stream"


class Link(msgspec.Struct, frozen=True):
    """What can be done with the id in a response: the operation, and its parameter for the id."""

    operation: str
    parameter: str
    field: str = "id"


def links(parameter: str, *operations: str) -> tuple[Link, ...]:
    """Links to several operations that take the id as the same parameter."""
    return tuple(Link(operation, parameter) for operation in operations)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A response that is no error.

    `type` is what `msgspec` writes; None: there is no body, or one that is not JSON; `alternative`
    is another type. `headers` are those that only this response has. `also` is another status with
    the same body, `links` what its `id` is good for.
    """

    status: int = 200
    description: str = "Successful response"
    type: Any = None
    alternative: Any = None
    media: str | None = JSON
    headers: tuple[str, ...] = ()
    also: int | None = None
    links: tuple[Link, ...] = ()


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One method of one path.

    `id` is the name that generated clients give it. `request` and `query` are the structs that
    check the body and the parameters; a body is needed unless `body_optional`. `errors` are
    statuses beside those that every route of its kind has.
    """

    method: Method
    path: str
    id: str
    tag: str
    summary: str
    description: str = ""
    request: type[msgspec.Struct] | None = None
    body_optional: bool = False
    open_body: bool = False  # unknown fields are ignored
    query: type[msgspec.Struct] | None = None
    answer: Answer = Answer()
    errors: tuple[int, ...] = ()
    public: bool = False

    @property
    def route(self) -> str:
        """Method and path, as the documentation's headings have them."""
        return f"{self.method.upper()} {self.path}"
