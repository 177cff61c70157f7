"""Parts of asking a model that calls tools, and what is told of that."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Literal

import msgspec

from pisovereign.engine_client.client import AnswerEvent, Expected, Finished
from pisovereign.engine_client.types import Message, ToolCall
from pisovereign.tool_use.types import CallResult


class MadeCall(msgspec.Struct, frozen=True):
    """A call, and its result as the model was told of it."""

    call: ToolCall
    result: str


class Round(msgspec.Struct, frozen=True):
    """A model's words before it called tools, and what the tools gave."""

    text: str
    calls: list[MadeCall]

    def messages(self) -> list[Message]:
        """Return it as the model is told of it afterwards."""
        return [
            Message("assistant", self.text, [made.call for made in self.calls]),
            *(
                Message(
                    "tool", made.result, tool_call_id=made.call.id, name=made.call.function.name
                )
                for made in self.calls
            ),
        ]


class Asked(msgspec.Struct, frozen=True):
    """The input a model is asked with.

    Attributes:
        rounds: What came of the calls that it has made for this answer.
        may_call: False: it has to answer now.
        clean: Leave out what holds text from outside of what was said before.
        apart: Only its calls count, nobody reads its text.
    """

    rounds: Sequence[Round]
    may_call: bool
    clean: bool
    apart: bool = False


class Said(msgspec.Struct, frozen=True):
    """More text of the model."""

    text: str


class Called(msgspec.Struct, frozen=True):
    """A call begins; what the model said before it was not its answer."""

    call: ToolCall


class Returned(msgspec.Struct, frozen=True):
    """A call has ended."""

    call: ToolCall
    result: CallResult


class Answered(msgspec.Struct, frozen=True):
    """The model has said all of its answer.

    Attributes:
        rounds: The calls before it.
        ends: What the engine told at the end of each time that it was asked.
        outside_text: Something that the model was asked with holds text that others wrote.
        refused: A call was refused because of that.
    """

    rounds: list[Round]
    ends: list[Finished]
    outside_text: bool
    refused: bool


LoopEvent = Expected | Said | Called | Returned | Answered
Ask = Callable[[Asked], AsyncGenerator[AnswerEvent]]
Outside = Literal["none", "before", "now"]
"""Where text of others is: nowhere, in what was said before, or in what belongs to this answer."""
