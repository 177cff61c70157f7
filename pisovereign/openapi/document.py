"""The OpenAPI document, made of the tables of routes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

import msgspec

from pisovereign import __version__
from pisovereign.asgi.json_lines import JSON_LINES
from pisovereign.asgi.routes import BYTES, EVENTS, JSON, Route, Routes, Types
from pisovereign.openapi.errors import (
    BY_STATUS,
    HEADERS,
    RATE_LIMIT,
    REQUEST_ID,
    ErrorBody,
    TextError,
    responses,
    text_response,
)

_REF = "#/components/schemas/{name}"
_OF_ALL = (500,)
_OF_PRIVATE = (401, 403)
_OF_LIMITED = (429,)
_OF_BODIES = (400, 413, 415, 422)
_OF_QUERIES = (400, 422)
_NULL = {"type": "null"}
_DESCRIPTIONS = {200: "Successful response", 201: "Created", 202: "Begun", 204: "Deleted"}
# Links of the reference lead to other pages of docs/.
_LINK = re.compile(r"\[([^\]]+)\]\((?!https?:)[^)]*\)")

JsonObject = dict[str, Any]
Unions = Mapping[type, Sequence[type]]
"""Structs whose field `result` is one of several structs, which msgspec does not describe."""


class _Operation(NamedTuple):
    """A documented route, its tag and its types."""

    tag: str
    route: Route
    types: Types


def build(tables: Iterable[type[Routes]], unions: Unions) -> JsonObject:
    """Return the document.

    Args:
        tables: Every table of routes.
        unions: What the schemas cannot tell by themselves.
    """
    operations = [
        _Operation(table.tag, route, route.types())
        for table in tables
        for route in table.entries()
        if route.documented
    ]
    schemas = _Schemas(operations, unions)
    by_id = {operation.route.operation_id: operation.route for operation in operations}
    paths: dict[str, JsonObject] = {}
    for operation in operations:
        described = _describe(operation, schemas, by_id)
        paths.setdefault(operation.route.path, {})[operation.route.method.lower()] = described
    tags = dict.fromkeys(operation.tag for operation in operations)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "PiSovereign API",
            "description": "Local AI Assistant REST API",
            "version": __version__,
            "license": {"name": "MIT", "url": "https://opensource.org/licenses/MIT"},
        },
        "servers": [{"url": "/", "description": "This server"}],
        "security": [{"bearerAuth": []}, {"sessionCookie": []}],
        "tags": [{"name": tag} for tag in tags],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearerAuth": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "API key authentication",
                },
                "sessionCookie": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "pisovereign-session",
                    "description": "A session, from a page of this server; over TLS its name "
                    "begins with `__Host-`",
                },
            },
            "headers": HEADERS,
            "responses": responses(schemas.of(ErrorBody)),
            "schemas": schemas.components,
        },
    }


def render(tables: Iterable[type[Routes]], unions: Unions) -> bytes:
    """Return the document as JSON."""
    return msgspec.json.format(msgspec.json.encode(build(tables, unions)), indent=1)


class _Schemas:
    """The JSON Schemas of everything that is sent, made in one go so that names are unique."""

    def __init__(self, operations: Sequence[_Operation], unions: Unions) -> None:
        self._types: list[Any] = [ErrorBody, TextError]
        results = [kind for kinds in unions.values() for kind in kinds]
        for _, route, types in operations:
            written = types.alternatives if route.media_type in (JSON, JSON_LINES) else ()
            written = () if written == (None,) or written == (type(None),) else written
            for kind in (types.body, *written, *results):
                if kind is not None and kind not in self._types:
                    self._types.append(kind)
        self._schemas, self.components = _in_one_form(
            _short_names(*msgspec.json.schema_components(self._types, ref_template=_REF))
        )
        for struct, kinds in unions.items():
            properties = self.components[struct.__name__]["properties"]
            properties["result"] = {"anyOf": [self.of(kind) for kind in kinds]}
        for _, route, types in operations:
            if types.body is not None and not route.ignore_unknown:
                self._component(types.body)["additionalProperties"] = False
            for name, text in route.fields.items():
                field = self._component(types.body)["properties"][name]
                field["description"] = _LINK.sub(r"\1", text)

    def of(self, kind: Any) -> JsonObject:
        """Return the schema of one type, mostly a reference."""
        schema: JsonObject = self._schemas[self._types.index(kind)]
        return schema

    def _component(self, kind: Any) -> JsonObject:
        component: JsonObject = self.components[self.of(kind)["$ref"].rpartition("/")[2]]
        return component


# Packages of packages, which say less than those in them.
_GROUPS = frozenset(("connectors", "dialects"))


def _short_names(*made: Any) -> tuple[list[JsonObject], dict[str, JsonObject]]:
    """Return names without modules; msgspec adds them to types that share a name."""
    schemas, components = made
    text = msgspec.json.encode([list(schemas), components]).decode()
    taken = set(components)
    for name in components:
        if "." in name:
            _, package, *rest, short = name.split(".")
            if package in _GROUPS:
                package = rest[0]
            short = short if package == "chat" else package.partition("_")[0].title() + short
            assert short not in taken
            taken.add(short)
            text = text.replace(f'"{name}"', f'"{short}"').replace(f'/{name}"', f'/{short}"')
    renamed: tuple[list[JsonObject], dict[str, JsonObject]] = msgspec.json.decode(text)
    return renamed


def _in_one_form(schema: Any) -> Any:
    """Return schemas with their alternatives sorted, null last, and bounds as whole numbers.

    Python keeps one of two unions that differ only in their order, and one of two equal bounds;
    which one depends on what the process has looked at before.
    """
    if isinstance(schema, Mapping):
        ordered = {name: _in_one_form(part) for name, part in schema.items()}
        if "anyOf" in ordered:
            ordered["anyOf"].sort(key=lambda kind: (kind == _NULL, msgspec.json.encode(kind)))
        return ordered
    if isinstance(schema, (list, tuple)):
        return [_in_one_form(part) for part in schema]
    return int(schema) if isinstance(schema, float) and schema.is_integer() else schema


def _describe(operation: _Operation, schemas: _Schemas, by_id: Mapping[str, Route]) -> JsonObject:
    tag, route, types = operation
    described: JsonObject = {
        "summary": route.summary,
        "operationId": route.operation_id,
        "tags": [tag],
        "description": _LINK.sub(r"\1", route.description),
        "responses": dict(_responses(route, types, schemas, by_id)),
    }
    if route.public:
        described["security"] = []
    if parameters := [*_path_parameters(route), *_query_parameters(types)]:
        described["parameters"] = parameters
    if types.body is not None:
        content: JsonObject = {"schema": schemas.of(types.body)}
        if route.example.request is not None:
            content["example"] = route.example.request
        described["requestBody"] = {
            "required": not route.optional_body,
            "content": {JSON: content},
        }
    elif route.raw_body:
        binary = {"schema": {"type": "string", "format": "binary"}}
        described["requestBody"] = {"required": True, "content": {BYTES: binary}}
    return described


def _responses(
    route: Route, types: Types, schemas: _Schemas, by_id: Mapping[str, Route]
) -> Iterator[tuple[str, JsonObject]]:
    response: JsonObject = {
        "description": _DESCRIPTIONS[route.status],
        "headers": {
            name: {"$ref": f"#/components/headers/{name}"} for name in _headers(route, types)
        },
    }
    if route.status != HTTPStatus.NO_CONTENT:
        response["content"] = {route.media_type: _content(route, types, schemas)}
        if route.media_type == JSON_LINES and types.alternatives:
            response["content"][JSON] = {"schema": schemas.of(types.alternatives[0])}
    if route.links:
        response["links"] = {
            link: {
                "operationId": link,
                "parameters": {n: f"$response.body#/{n}" for n in by_id[link].parameters},
            }
            for link in route.links
        }
    yield str(route.status), response
    if route.also is not None:
        yield str(route.also), response
    for status in sorted(_error_statuses(route, types) - {route.status, route.also}):
        name = BY_STATUS[status].__name__
        if route.text_errors:
            yield str(status), text_response(status, schemas.of(TextError))
            continue
        yield str(status), {"$ref": f"#/components/responses/{name}"}


def _headers(route: Route, types: Types) -> Iterator[str]:
    yield REQUEST_ID
    if not route.unlimited:
        yield from RATE_LIMIT
    if types.counted:
        yield "X-Total-Count"
        if types.query is not None and "cursor" in types.query.__struct_fields__:
            yield "X-Next-Cursor"
    if route.status == HTTPStatus.CREATED:
        yield "Location"


def _content(route: Route, types: Types, schemas: _Schemas) -> JsonObject:
    content: JsonObject = {}
    if route.media_type == JSON:
        kinds = [schemas.of(kind) for kind in types.alternatives]
        content["schema"] = kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
    elif route.media_type != EVENTS:  # a stream of events has no schema as a whole
        content["schema"] = {"type": "string"}
    if route.example.response is not None:
        content["example"] = route.example.response
    return content


def _error_statuses(route: Route, types: Types) -> set[int]:
    statuses = {*_OF_ALL, *route.errors}
    if not route.public:
        statuses |= {*_OF_PRIVATE, 503}
    if not (route.unlimited and route.public):
        statuses |= set(_OF_LIMITED)
    if types.body is not None or route.raw_body:
        statuses |= set(_OF_BODIES)
    if route.text_errors:
        statuses.discard(422)  # for these, it is 400, too
    if types.query is not None:
        statuses |= set(_OF_QUERIES)
    if route.parameters:
        statuses.add(404)
    return statuses


def _path_parameters(route: Route) -> Iterator[JsonObject]:
    for name in route.parameters:
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _query_parameters(types: Types) -> Iterator[JsonObject]:
    if types.query is None:
        return
    _, components = msgspec.json.schema_components([types.query], ref_template=_REF)
    struct = _in_one_form(components[types.query.__name__])
    for name, kind in struct["properties"].items():
        yield {
            "name": name,
            "in": "query",
            "required": name in struct.get("required", ()),
            "schema": _without_null(kind),
        }


def _without_null(schema: JsonObject) -> JsonObject:
    """Return a schema without null: a parameter that is left out is not there."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != _NULL]
    without: JsonObject = kinds[0] if len(kinds) == 1 else schema
    return {
        name: value for name, value in without.items() if name != "default" or value is not None
    }
