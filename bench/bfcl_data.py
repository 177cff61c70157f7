"""BFCL's questions and its own checker, from the wheel of `bfcl-eval` 2026.3.23 (Apache-2.0).

The wheel is downloaded with its checksum and not installed: importing the package would need the
clients of every provider of models. Only `bfcl_eval.constants.model_config` is replaced, which
lists those, and from which the checker reads whether dots of a name became underscores. They did:
OpenAI's API allows none.
"""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
import tempfile
import types
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any, Literal

import msgspec

from bench.small_models import weights_folder
from tools.locking import locked

VERSION = "2026.3.23"
WHEEL = f"bfcl_eval-{VERSION}-py3-none-any.whl"
SHA256 = "3bb6dfa5f0c68ad403c9ec50b00db2bb3b4cc9b38ab1ff33f48fe30d853d3a0a"
Category = Literal["simple", "multiple", "irrelevance"]
CATEGORIES: tuple[Category, ...] = ("simple", "multiple", "irrelevance")
_FILES: dict[Category, str] = {
    "simple": "BFCL_v4_simple_python.json",
    "multiple": "BFCL_v4_multiple.json",
    "irrelevance": "BFCL_v4_irrelevance.json",
}
_MODEL = "any"


class Call(msgspec.Struct, frozen=True):
    """A call that a model made: JSON text, as it came."""

    name: str
    arguments: str


class Question(msgspec.Struct, frozen=True):
    """One entry of a category.

    Attributes:
        id: BFCL's own.
        messages: What is said, in OpenAI's form.
        tools: What is offered, in OpenAI's form.
        functions: The same, as BFCL describes it.
        truth: What may be answered; empty where nothing may be called.
    """

    id: str
    category: Category
    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]]
    functions: list[dict[str, Any]]
    truth: list[dict[str, Any]]

    def schema(self, name: str) -> dict[str, Any] | None:
        """Return the schema of the arguments of a tool; None: there is no such tool."""
        for tool in self.tools:
            if tool["function"]["name"] == name:
                schema: dict[str, Any] = tool["function"]["parameters"]
                return schema
        return None


class Bfcl:
    """The questions and the checker."""

    def __init__(self) -> None:
        self._wheel = _fetch()
        sys.path.insert(0, str(self._wheel))
        config = types.ModuleType("bfcl_eval.constants.model_config")
        same = types.SimpleNamespace(underscore_to_dot=True)
        vars(config)["MODEL_CONFIG_MAPPING"] = defaultdict(lambda: same)
        sys.modules[config.__name__] = config
        self._checker: Any = importlib.import_module("bfcl_eval.eval_checker.ast_eval.ast_checker")
        enums: Any = importlib.import_module("bfcl_eval.constants.enums")
        self._python = enums.Language.PYTHON
        mappings: Any = importlib.import_module("bfcl_eval.constants.type_mappings")
        self._types: dict[str, str] = mappings.GORILLA_TO_OPENAPI

    def questions(self, category: Category, most: int) -> list[Question]:
        """Return the first `most` questions of a category."""
        rows = self._rows(_FILES[category])[:most]
        answers = {}
        if category != "irrelevance":
            found = self._rows(f"possible_answer/{_FILES[category]}")
            answers = {row["id"]: row["ground_truth"] for row in found}
        return [
            Question(
                row["id"],
                category,
                row["question"][0],
                [self._tool(function) for function in row["function"]],
                row["function"],
                answers.get(row["id"], []),
            )
            for row in rows
        ]

    def is_right(self, question: Question, calls: list[Call]) -> bool:
        """Return whether BFCL counts the calls as right."""
        if question.category == "irrelevance":
            return not calls
        try:
            made = [{call.name: json.loads(call.arguments)} for call in calls]
        except ValueError:
            return False
        verdict = self._checker.ast_checker(
            question.functions, made, question.truth, self._python, question.category, _MODEL
        )
        return bool(verdict["valid"])

    def _rows(self, name: str) -> list[dict[str, Any]]:
        with zipfile.ZipFile(self._wheel) as archive:
            text = archive.read(f"bfcl_eval/data/{name}").decode()
        return [json.loads(line) for line in text.splitlines() if line.strip()]

    def _tool(self, function: dict[str, Any]) -> dict[str, Any]:
        """Return the description of a function as `convert_to_tool` makes it for OpenAI."""
        parameters = self._schema(function["parameters"])
        name = re.sub(r"\.", "_", function["name"])
        described = {"name": name, "description": function["description"]}
        return {"type": "function", "function": {**described, "parameters": parameters}}

    def _schema(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return a schema in JSON Schema's words; `optional` is none of them."""
        schema = {key: value for key, value in given.items() if key != "optional"}
        kind = given.get("type", "string")
        schema["type"] = self._types.get(kind, "string")
        if kind == "float":
            said = given.get("description", "")
            schema |= {"format": "float", "description": f"{said} This is a float type value."}
        if "properties" in given:
            schema["properties"] = {
                name: self._schema(inner) for name, inner in given["properties"].items()
            }
        if "items" in given:
            schema["items"] = self._schema(given["items"])
        return schema


def _fetch() -> Path:
    """Return the wheel, downloaded if it is not there."""
    folder = weights_folder()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / WHEEL
    with locked(folder):
        if not path.is_file():
            with tempfile.TemporaryDirectory(dir=folder) as workshop:
                wanted = Path(workshop, "requirements.txt")
                wanted.write_text(f"bfcl-eval=={VERSION} --hash=sha256:{SHA256}\n")
                argv = [sys.executable, "-m", "pip", "download", "-q", "--no-deps"]
                argv += ["--require-hashes", "-r", str(wanted), "-d", workshop]
                subprocess.run(argv, check=True)
                Path(workshop, WHEEL).rename(path)
    return path
