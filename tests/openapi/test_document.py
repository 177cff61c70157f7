"""The document is valid, complete and the same wherever it comes from."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, get_type_hints

import jsonschema
import msgspec
import openapi_spec_validator
import pytest
import requests

from pisovereign.actions.routes import CommandAnswer
from pisovereign.actions.types import Completed
from pisovereign.assembly.routes import TABLES, render_document
from tests.support.patience import PATIENCE_S
from tests.support.server import Server

DOCUMENT: dict[str, Any] = json.loads(render_document())
# What the reference shows of the document.
DOCUMENTED = {
    ("openapi",): "3.1.0",
    ("info", "title"): "PiSovereign API",
    ("info", "description"): "Local AI Assistant REST API",
    ("info", "license", "name"): "MIT",
    ("security",): [{"bearerAuth": []}, {"sessionCookie": []}],
    ("paths", "/v1/chat", "post", "summary"): "Send chat message",
    ("paths", "/v1/chat", "post", "operationId"): "chat",
    ("paths", "/v1/chat", "post", "tags"): ["Chat"],
    ("paths", "/v1/chat", "post", "requestBody", "required"): True,
    ("paths", "/v1/chat", "post", "responses", "401"): {
        "$ref": "#/components/responses/Unauthorized"
    },
    ("components", "securitySchemes", "bearerAuth", "scheme"): "bearer",
    ("components", "schemas", "ChatRequest", "required"): ["message"],
}


def test_it_is_valid() -> None:
    openapi_spec_validator.validate(DOCUMENT)


@pytest.mark.parametrize("place", DOCUMENTED, ids=".".join)
def test_it_has_what_the_reference_shows(place: tuple[str, ...]) -> None:
    found: Any = DOCUMENT
    for name in place:
        found = found[name]
    assert found == DOCUMENTED[place]


def test_the_server_and_the_command_line_give_the_same(server: Server, tmp_path: Path) -> None:
    served = requests.get(f"{server.url}/api-docs/openapi.json", timeout=PATIENCE_S)
    assert served.json() == DOCUMENT
    program = [sys.executable, "-m", "pisovereign.cli.main", "openapi", "--output"]
    path = tmp_path / "openapi.json"
    subprocess.run([*program, path], check=True, timeout=60)
    assert json.loads(path.read_text()) == DOCUMENT
    failed = subprocess.run(
        [*program, tmp_path / "no" / "x.json"], capture_output=True, timeout=60, check=False
    )
    assert failed.returncode == 1
    assert b"No such file" in failed.stderr


@pytest.mark.parametrize(
    "first", ["dialects.ollama.types.Options", "dialects.openai.types.ChatCompletion"]
)
def test_it_does_not_depend_on_what_was_looked_at_before(first: str) -> None:
    """Both name the same two alternatives, the other way round."""
    module, _, name = f"pisovereign.{first}".rpartition(".")
    program = (
        "import sys, msgspec\n"
        f"from {module} import {name} as first\n"
        "msgspec.inspect.type_info(first)\n"
        "from pisovereign.assembly.routes import render_document\n"
        "sys.stdout.buffer.write(render_document())"
    )
    made = subprocess.run(
        [sys.executable, "-c", program], check=True, stdout=subprocess.PIPE, timeout=60
    )
    assert made.stdout == render_document()


def test_every_operation_has_a_name_of_its_own() -> None:
    ids = [e.operation_id for table in TABLES for e in table.entries() if e.documented]
    assert len(set(ids)) == len(ids)
    assert all(ids)


def test_schemas_are_named_as_classes() -> None:
    names = DOCUMENT["components"]["schemas"]
    assert [name for name in names if not re.fullmatch(r"([A-Z][a-z0-9]*)+", name)] == []
    # The names that generated clients have for the two structs which share one.
    assert {"ChatResponse", "EngineChatResponse"} <= set(names)


def test_path_parameters_are_named_as_in_responses() -> None:
    named = {
        p["name"]
        for path in DOCUMENT["paths"].values()
        for o in path.values()
        for p in o.get("parameters", ())
        if p["in"] == "path"
    }
    assert named == {"id", "item_id", "person_id", "task_id", "model", "name", "kind", "place"}


def examples() -> list[tuple[str, dict[str, Any], Any]]:
    found = []
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            parts = [("request", operation.get("requestBody", {}))]
            parts += [(s, r) for s, r in operation["responses"].items() if "content" in r]
            for name, part in parts:
                for media, content in part.get("content", {}).items():
                    if "example" in content and media == "application/json":
                        label = f"{method} {path} {name}"
                        found.append((label, content["schema"], content["example"]))
    return found


@pytest.mark.parametrize(("label", "schema", "example"), examples())
def test_examples_follow_their_schemas(label: str, schema: dict[str, Any], example: Any) -> None:
    resolved = {**schema, "components": DOCUMENT["components"]}
    jsonschema.Draft202012Validator(resolved).validate(example)


def test_structs_for_description_are_like_the_real_ones() -> None:
    described = {field.name for field in msgspec.structs.fields(CommandAnswer)}
    assert described == {field.name for field in msgspec.structs.fields(Completed)}
    assert get_type_hints(CommandAnswer)["text"] is get_type_hints(Completed)["text"]
