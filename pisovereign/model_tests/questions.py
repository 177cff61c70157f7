"""Questions that models are tested with: `tools.toml`, and each language's `model_check.toml`.

The tools are the test's own. So a result says something about the model, and stays true when an
action is added.
"""

from __future__ import annotations

import hashlib
import tomllib
from importlib import resources
from typing import Any

import msgspec

from pisovereign.languages import LANGUAGES, Language, load_data

NOTHING = "none"


class TestTool(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tool that the test offers; `effect`: it would change something."""

    __test__ = False

    name: str
    description: str
    parameters: dict[str, Any]
    effect: bool = False


class ToolQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question for a model: what is said to it, and what it has to do.

    Attributes:
        text: What is said.
        tool: The tool that has to be called; None: none may be.
        arguments: Words of which each argument has to hold one, by the argument's name.
    """

    text: str
    tool: str | None = None
    arguments: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)


class CommandSentence(msgspec.Struct, frozen=True):
    """A sentence, and the name of the command that it is; `none` if it is talk."""

    text: str
    command: str


class LanguageQuestions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of a `model_check.toml`."""

    commands: dict[str, tuple[str, ...]]
    calls: tuple[ToolQuestion, ...]


class Questions(msgspec.Struct, frozen=True):
    """Everything that is asked."""

    system_prompt: str
    tools: tuple[TestTool, ...]
    calls: dict[Language, tuple[ToolQuestion, ...]]
    commands: tuple[CommandSentence, ...]

    @property
    def fingerprint(self) -> str:
        """Return what changes when anything of the test does."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()[:16]


class _Tools(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    system_prompt: str
    tools: tuple[TestTool, ...]


def load_questions() -> Questions:
    """Return the test in all languages."""
    text = (resources.files("pisovereign.model_tests") / "tools.toml").read_text(encoding="utf-8")
    offered = msgspec.convert(tomllib.loads(text), _Tools)
    by_language = {
        language: msgspec.convert(load_data(language, "model_check"), LanguageQuestions)
        for language in LANGUAGES
    }
    return Questions(
        system_prompt=offered.system_prompt,
        tools=offered.tools,
        calls={language: asked.calls for language, asked in by_language.items()},
        commands=tuple(
            CommandSentence(text, command)
            for asked in by_language.values()
            for command, texts in asked.commands.items()
            for text in texts
        ),
    )
