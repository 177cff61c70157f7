"""Results of a model's test."""

from __future__ import annotations

import msgspec

from pisovereign.languages import Language


class Score(msgspec.Struct, frozen=True):
    """How many of the questions of a language were answered rightly, and whether that is enough."""

    right: int
    asked: int
    passed: bool


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """The abilities of a model; one that was not tested may do nothing but talk.

    Attributes:
        tested: Whether a test of this very file has ended.
        calls_tools: Whether it is offered tools: it calls them rightly in one language at least.
        languages: The codes of those in which it calls tools.
        reads_commands: Whether it may be asked which command somebody gives.
        scores: How it did with tools, by language.
        reading: How it did at reading commands; None: it was not asked.
    """

    tested: bool = False
    calls_tools: bool = False
    languages: tuple[Language, ...] = ()
    reads_commands: bool = False
    scores: dict[Language, Score] = msgspec.field(default_factory=dict)
    reading: Score | None = None

    def calls_tools_in(self, language: Language) -> bool:
        """Return whether the model calls tools when it is spoken to in this language."""
        return language in self.languages


UNTESTED = Capabilities()


class TestState(msgspec.Struct, frozen=True):
    """Which model is tested again."""

    __test__ = False  # no test, whatever pytest takes it for

    model: str
    state: str


def summary(capabilities: Capabilities) -> str:
    """Return the result in a line without the model's name: `calls tools in en (9 of 10)`."""
    if not capabilities.tested:
        return "not tested yet"
    passed = _scores(capabilities, passed=True)
    failed = _scores(capabilities, passed=False)
    parts = [f"calls tools in {passed}" if passed else "calls no tools"]
    if failed:
        parts.append(f"not in {failed}" if passed else failed)
    parts.append("reads commands" if capabilities.reads_commands else "reads no commands")
    return ", ".join(parts)


def _scores(capabilities: Capabilities, *, passed: bool) -> str:
    return ", ".join(
        f"{language} ({score.right} of {score.asked})"
        for language, score in capabilities.scores.items()
        if score.passed is passed
    )
