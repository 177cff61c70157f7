"""Asks a model the questions of the test that have to do with tools."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import msgspec

from pisovereign.engine_client.arguments import decode_arguments
from pisovereign.engine_client.client import CallArguments, CallStarted, EngineClient
from pisovereign.engine_client.types import ChatRequest, FunctionSpec, Message, Tool
from pisovereign.errors import ContextExceeded, EngineMisbehaved, EngineUnavailable
from pisovereign.model_tests.questions import Questions, TestTool, ToolQuestion

LIMIT_S = 240.0
_MOST_TOKENS = 160


class Call(msgspec.Struct, frozen=True):
    """A call that the model made; `arguments` is None if they are no JSON object."""

    name: str
    arguments: dict[str, Any] | None


class ToolTest:
    """Asks one question after the other.

    Args:
        engine: What runs the model.
        questions: The test.
    """

    def __init__(self, engine: EngineClient, questions: Questions) -> None:
        self._engine = engine
        self._prompt = questions.system_prompt
        self._tools = [_offered(tool) for tool in questions.tools]
        self._effects = {tool.name for tool in questions.tools if tool.effect}

    async def calls(self, model: str, question: ToolQuestion) -> list[Call] | None:
        """Return what the model calls; None if it is away, and cannot be tested now."""
        names: dict[int, str] = {}
        arguments: dict[int, str] = {}
        try:
            async with asyncio.timeout(LIMIT_S):
                events = self._engine.chat(self._request(model, question), low_priority=True)
                async with aclosing(events):
                    async for event in events:
                        match event:
                            case CallStarted(index=index, name=name):
                                names[index] = name
                            case CallArguments(index=index, text=text):
                                arguments[index] = arguments.get(index, "") + text
                            case _:
                                pass
        except (TimeoutError, EngineUnavailable):
            return None
        except (EngineMisbehaved, ContextExceeded):  # it does not know tools
            return []
        return [
            Call(name, decode_arguments(arguments.get(index, ""))) for index, name in names.items()
        ]

    def is_right(self, question: ToolQuestion, calls: list[Call]) -> bool:
        """Return whether the model did what it was asked for."""
        if question.tool is None:
            return not calls
        if len(calls) != 1 or calls[0].name != question.tool:
            return False
        given = calls[0].arguments
        return given is not None and all(
            _holds(given.get(name), words) for name, words in question.arguments.items()
        )

    def acts(self, question: ToolQuestion, calls: list[Call]) -> bool:
        """Return whether the model would change something although nothing was asked for."""
        return question.tool is None and any(call.name in self._effects for call in calls)

    def _request(self, model: str, question: ToolQuestion) -> ChatRequest:
        return ChatRequest(
            model=model,
            messages=[Message("system", self._prompt), Message("user", question.text)],
            tools=self._tools,
            temperature=0.0,
            max_tokens=_MOST_TOKENS,
            prompt_cache_key="model-test",
        )


def _offered(tool: TestTool) -> Tool:
    return Tool(FunctionSpec(tool.name, tool.description, tool.parameters))


def _holds(value: object, words: tuple[str, ...]) -> bool:
    """Return whether an argument holds one of the words."""
    return isinstance(value, str) and any(word in value.casefold() for word in words)
