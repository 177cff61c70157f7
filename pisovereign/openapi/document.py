"""The OpenAPI document, built of the table of operations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

import msgspec

from pisovereign import __version__
from pisovereign.actions.results import Result
from pisovereign.chat.message_commands import SpokenCommand
from pisovereign.openapi.answers import CommandAnswer
from pisovereign.openapi.errors import (
    BY_STATUS,
    HEADERS,
    RATE_LIMIT,
    REQUEST_ID,
    ErrorBody,
    responses,
)
from pisovereign.openapi.operation import EVENTS, JSON, Operation
from pisovereign.openapi.operations import OPERATIONS
from pisovereign.openapi.packaged import examples

# What a command gives back: msgspec describes no union of structs.
_WITH_RESULTS = (CommandAnswer.__name__, SpokenCommand.__name__)
_REF = "#/components/schemas/{name}"
_PARAMETER = re.compile(r"{(\w+)}")
_OF_ALL = (500,)
_OF_PRIVATE = (401, 403, 429)
_OF_BODIES = (400, 413, 415, 422)
_OF_QUERIES = (400, 422)
_UNLIMITED = ("/health", "/ready", "/ready/all")

Example = Mapping[str, Any]
JsonObject = dict[str, Any]


def build(operations: Sequence[Operation], shown: Mapping[str, Example]) -> JsonObject:
    """The document.

    Args:
        operations: Every route.
        shown: By route, what is sent (`request`) and what comes back (`response`).
    """
    schemas = _Schemas(operations)
    paths: dict[str, JsonObject] = {}
    for operation in operations:
        described = _operation(operation, schemas, shown.get(operation.route, {}))
        paths.setdefault(operation.path, {})[operation.method] = described
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
        "security": [{"bearerAuth": []}],
        "tags": [{"name": tag} for tag in tags],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearerAuth": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "API key authentication",
                }
            },
            "headers": HEADERS,
            "responses": responses(schemas.of(ErrorBody)),
            "schemas": schemas.components,
        },
    }


def render() -> bytes:
    """The document of this program, as JSON."""
    return msgspec.json.format(msgspec.json.encode(build(OPERATIONS, examples())), indent=1)


class _Schemas:
    """The JSON Schemas of everything that is sent, made in one go so that names are unique."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._types: list[Any] = [ErrorBody]
        for operation in operations:
            answer = operation.answer
            for kind in (operation.request, answer.type, answer.alternative, *get_args(Result)):
                if kind is not None and kind not in self._types:
                    self._types.append(kind)
        self._schemas, self.components = _short_names(
            *msgspec.json.schema_components(self._types, ref_template=_REF)
        )
        results = {"anyOf": [self.of(part) for part in get_args(Result)]}
        for name in _WITH_RESULTS:
            self.components[name]["properties"]["result"] = results
        for operation in operations:
            if operation.request is not None and not operation.open_body:
                self._component(operation.request)["additionalProperties"] = False

    def of(self, kind: Any) -> JsonObject:
        """The schema of one type, mostly a reference."""
        schema: JsonObject = self._schemas[self._types.index(kind)]
        return schema

    def _component(self, kind: Any) -> JsonObject:
        component: JsonObject = self.components[self.of(kind)["$ref"].rpartition("/")[2]]
        return component


def _short_names(*made: Any) -> tuple[list[JsonObject], dict[str, JsonObject]]:
    """Names without modules; `msgspec` gives them to types that share their name with another."""
    schemas, components = made
    text = msgspec.json.encode([list(schemas), components]).decode()
    for name in components:
        if "." in name:
            _, capability, *_, short = name.split(".")
            short = short if capability == "chat" else capability.title() + short
            assert short not in components
            text = text.replace(f'"{name}"', f'"{short}"').replace(f'/{name}"', f'/{short}"')
    renamed: tuple[list[JsonObject], dict[str, JsonObject]] = msgspec.json.decode(text)
    return renamed


def _operation(operation: Operation, schemas: _Schemas, example: Example) -> JsonObject:
    described: JsonObject = {
        "summary": operation.summary,
        "operationId": operation.id,
        "tags": [operation.tag],
        "responses": dict(_responses(operation, schemas, example)),
    }
    if operation.description:
        described["description"] = operation.description
    if operation.public:
        described["security"] = []
    if parameters := [*_path_parameters(operation), *_query_parameters(operation)]:
        described["parameters"] = parameters
    if operation.request is not None:
        content: JsonObject = {"schema": schemas.of(operation.request)}
        if "request" in example:
            content["example"] = example["request"]
        described["requestBody"] = {
            "required": not operation.body_optional,
            "content": {JSON: content},
        }
    return described


def _responses(
    operation: Operation, schemas: _Schemas, example: Example
) -> Iterator[tuple[str, JsonObject]]:
    answer = operation.answer
    limited = () if operation.path in _UNLIMITED else RATE_LIMIT
    names = (REQUEST_ID, *limited, *answer.headers)
    response: JsonObject = {
        "description": answer.description,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
    }
    if answer.media is not None:
        schema = {"type": "string"} if answer.type is None else schemas.of(answer.type)
        if answer.alternative is not None:
            schema = {"anyOf": [schema, schemas.of(answer.alternative)]}
        # A stream of events has no schema as a whole.
        content: JsonObject = {} if answer.media == EVENTS else {"schema": schema}
        if "response" in example:
            content["example"] = example["response"]
        response["content"] = {answer.media: content}
    if answer.links:
        response["links"] = {
            link.operation: {
                "operationId": link.operation,
                "parameters": {link.parameter: f"$response.body#/{link.field}"},
            }
            for link in answer.links
        }
    yield str(answer.status), response
    if answer.also is not None:
        yield str(answer.also), response
    for status in sorted(_error_statuses(operation) - {answer.status, answer.also}):
        name = BY_STATUS[status].__name__
        yield str(status), {"$ref": f"#/components/responses/{name}"}


def _error_statuses(operation: Operation) -> set[int]:
    statuses = {*_OF_ALL, *operation.errors}
    if not operation.public:
        statuses |= {*_OF_PRIVATE, 503}
    if operation.request is not None:
        statuses |= set(_OF_BODIES)
    if operation.query is not None:
        statuses |= set(_OF_QUERIES)
    if "{" in operation.path:
        statuses.add(404)
    return statuses


def _path_parameters(operation: Operation) -> Iterator[JsonObject]:
    for name in _PARAMETER.findall(operation.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _query_parameters(operation: Operation) -> Iterator[JsonObject]:
    if operation.query is None:
        return
    schema, components = msgspec.json.schema_components([operation.query], ref_template=_REF)
    struct = components[operation.query.__name__]
    assert schema
    for name, kind in struct["properties"].items():
        yield {
            "name": name,
            "in": "query",
            "required": name in struct.get("required", ()),
            "schema": _without_null(kind),
        }


def _without_null(schema: JsonObject) -> JsonObject:
    """A parameter that is left out is not there; it cannot be null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    without: JsonObject = kinds[0] if len(kinds) == 1 else schema
    return {
        name: value for name, value in without.items() if name != "default" or value is not None
    }
