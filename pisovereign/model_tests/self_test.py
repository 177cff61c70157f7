"""The test of a model: ten questions about tools in each language, and sentences to read.

A model calls tools in a language if it did what was meant at least eight times of ten, and never
reached for something with an effect when nothing was asked for. It reads commands if it read at
most one sentence wrongly, and no talk as a command: small models name a command for almost
everything, and small talk becomes an event. Nothing more is asked once it is clear that the model
fails: a board is busy for minutes with all of it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from math import ceil
from uuid import UUID

from pisovereign.languages import Language
from pisovereign.model_tests.questions import NOTHING, CommandSentence, Questions, ToolQuestion
from pisovereign.model_tests.tool_test import ToolTest
from pisovereign.model_tests.types import Capabilities, Score

TOOLS_SHARE = 0.8
MOST_MISREAD = 1
# Nobody's: the test is not about what a user said.
TESTER = UUID(int=0)

ReadCommand = Callable[[UUID, str], Awaitable[str | None]]
"""Returns the name of the command that the model reads, `none` for talk; None: it is away."""

GoOn = Callable[[], Awaitable[bool]]
"""Called before each question; False: the test is no longer wanted."""


class Interrupted(Exception):
    """The model is away, or the test is no longer wanted."""


class SelfTest:
    """Tests the model in use.

    Args:
        tools: Asks the questions about tools.
        read_command: Asks which command a sentence is.
        questions: The test.
    """

    def __init__(self, tools: ToolTest, read_command: ReadCommand, questions: Questions) -> None:
        self._tools = tools
        self._read_command = read_command
        self._questions = questions

    async def run(self, model: str, go_on: GoOn) -> Capabilities:
        """Return what the model may do.

        Raises:
            Interrupted: The model is away, or `go_on` says no.
        """
        scores = {
            language: await self._score(model, asked, go_on)
            for language, asked in self._questions.calls.items()
        }
        reading = await self._reading(self._questions.commands, go_on)
        languages: tuple[Language, ...] = tuple(
            language for language, score in scores.items() if score.passed
        )
        return Capabilities(
            tested=True,
            calls_tools=bool(languages),
            languages=languages,
            reads_commands=reading.passed,
            scores=scores,
            reading=reading,
        )

    async def _score(self, model: str, asked: Sequence[ToolQuestion], go_on: GoOn) -> Score:
        right, acted = 0, False
        most_wrong = len(asked) - ceil(TOOLS_SHARE * len(asked))
        for number, question in enumerate(asked, start=1):
            await _check(go_on)
            calls = await self._tools.calls(model, question)
            if calls is None:
                raise Interrupted
            right += self._tools.is_right(question, calls)
            acted = acted or self._tools.acts(question, calls)
            if number - right > most_wrong:
                return Score(right, number, passed=False)
        return Score(right, len(asked), passed=not acted)

    async def _reading(self, sentences: Sequence[CommandSentence], go_on: GoOn) -> Score:
        """Ask for each sentence, until it is clear that the model does not read them."""
        right, asked = 0, 0
        for sentence in sentences:
            await _check(go_on)
            read = await self._read_command(TESTER, sentence.text)
            if read is None:
                raise Interrupted
            asked += 1
            right += read == sentence.command
            talk_misread = sentence.command == NOTHING and read != NOTHING
            if talk_misread or asked - right > MOST_MISREAD:
                return Score(right, asked, passed=False)
        return Score(right, asked, passed=True)


async def _check(go_on: GoOn) -> None:
    if not await go_on():
        raise Interrupted
