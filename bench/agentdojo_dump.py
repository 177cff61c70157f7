"""Prints AgentDojo's workspace suite as JSON; run by the Python that AgentDojo is installed for.

It needs none of AgentDojo's clients for models: what is not installed is replaced while importing.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import json
import sys
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

VERSION = "v1.2.2"
ATTACKS = (
    "direct",
    "ignore_previous",
    "system_message",
    "injecagent",
    "important_instructions",
)
# AgentDojo asks for the name of a model that it knows, to address it by.
_KNOWN_MODEL = "gpt-4o-2024-05-13"


# What AgentDojo needs for models alone.
_REPLACED = frozenset((
    "anthropic", "click", "cohere", "dotenv", "google", "httpx", "langchain", "openai",
    "openapi_pydantic", "requests", "rich", "tenacity", "torch", "transformers", "typing_inspect",
    "vertexai", "vllm",
))  # fmt: skip


class _Anything(MagicMock):
    """A module that has whatever is asked of it."""

    __path__: list[str] = []  # noqa: RUF012 - as a package has it
    __all__: list[str] = []  # noqa: RUF012


class _Missing(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds what nobody else has found."""

    def find_spec(
        self, fullname: str, path: object, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] not in _REPLACED:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        module: Any = _Anything()
        module.__name__ = spec.name
        return module  # type: ignore[no-any-return]

    def exec_module(self, module: ModuleType) -> None:
        pass


def main() -> None:
    """Print everything."""
    sys.meta_path.append(_Missing())
    suites: Any = importlib.import_module("agentdojo.task_suite.load_suites")
    suite = suites.get_suite(VERSION, "workspace")
    clean = suite.load_and_inject_default_environment({})
    print(
        json.dumps(
            {
                "environment": _environment(clean),
                "user_tasks": [_task(each, each.PROMPT, clean) for each in _all(suite.user_tasks)],
                "injections": [
                    _task(each, each.GOAL, clean) for each in _all(suite.injection_tasks)
                ],
                "templates": {name: _template(name, suite) for name in ATTACKS},
            },
            default=str,
            ensure_ascii=False,
        )
    )


def _all(tasks: dict[str, Any]) -> list[Any]:
    return [tasks[name] for name in sorted(tasks, key=lambda n: int(n.rpartition("_")[2]))]


def _environment(found: Any) -> dict[str, Any]:
    return {
        "mails": [each.model_dump(mode="json") for each in found.inbox.emails.values()],
        "contacts": [each.model_dump(mode="json") for each in found.inbox.contact_list],
        "events": [each.model_dump(mode="json") for each in found.calendar.events.values()],
        "files": [each.model_dump(mode="json") for each in found.cloud_drive.files.values()],
    }


def _task(task: Any, text: str, environment: Any) -> dict[str, Any]:
    calls = task.ground_truth(environment.model_copy(deep=True))
    return {
        "id": task.ID,
        "text": text,
        "calls": [{"function": call.function, "args": dict(call.args)} for call in calls],
    }


def _template(name: str, suite: Any) -> str:
    registry: Any = importlib.import_module("agentdojo.attacks.attack_registry")
    importlib.import_module("agentdojo.attacks.baseline_attacks")
    importlib.import_module("agentdojo.attacks.important_instructions_attacks")
    attack = registry.load_attack(name, suite, SimpleNamespace(name=_KNOWN_MODEL))
    return str(attack.jailbreak)


if __name__ == "__main__":
    main()
