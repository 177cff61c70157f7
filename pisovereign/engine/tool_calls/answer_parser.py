"""Taking an answer apart: text and calls."""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Sequence
from typing import Literal

from pisovereign.engine.schemas.automaton import BLANK, Automaton, Mark, State
from pisovereign.engine.tool_calls.syntax import Malformed, Reading, Trigger
from pisovereign.engine_client.answer_events import AnswerPiece, CallArguments, CallStarted, Delta

_BLANKS = " \n\r\t"
_ID_CHARACTERS = string.ascii_lowercase + string.digits
_ID_LENGTH = 9  # what Mistral's templates insist on


class AnswerParser:
    """Reads the text of one answer, in which control tokens stand by their names.

    However the text is cut into pieces, the events are the same, but for how they are cut.

    Args:
        triggers: what calls begin with.
    """

    def __init__(self, triggers: Sequence[Trigger]) -> None:
        self._triggers = tuple(triggers)
        self._text = _Finder(Automaton([trigger.mark for trigger in triggers]))
        self._mode: Literal["text", "call", "broken"] = "text"
        self._writer = _Writer()
        self._reading: Reading | None = None

    @property
    def calls(self) -> int:
        """Return how many calls have begun."""
        return self._writer.count

    @property
    def over(self) -> bool:
        """Return whether nothing that follows counts: the same call again, or one gone wrong."""
        return self._writer.repeated or self.broken

    @property
    def broken(self) -> bool:
        """Return whether a call went wrong, so that its arguments are not complete."""
        return self._mode == "broken"

    @property
    def in_call(self) -> bool:
        """Return whether what comes next is part of a call."""
        return self._mode == "call"

    def feed(self, text: str) -> list[AnswerPiece]:
        """Take more of the answer, and return what is now certain."""
        for character in text:
            if self._mode == "text":
                self._in_text(character)
            elif self._mode == "call":
                self._in_call(character)
        if self._mode == "text":
            self._writer.text(self._text.certain())
        return self._writer.take()

    def finish(self) -> list[AnswerPiece]:
        """Return what was held back, at the end of the answer."""
        if self._mode == "text":
            rest = self._text.finish()
            if rest.strip() or not self.calls:  # blanks behind calls are no text
                self._writer.text(rest)
        return self._writer.take(last=True)

    def _in_text(self, character: str) -> None:
        found = self._text.push(character)
        if found is None:
            return
        before, at = found
        self._writer.text(before)
        self._reading = self._triggers[at].read(self._writer)
        self._mode = "call"
        next(self._reading)

    def _in_call(self, character: str) -> None:
        assert self._reading is not None, "it is set with the mode"
        try:
            self._reading.send(character)
        except StopIteration:
            self._writer.end()
            self._text.restart()
            self._mode = "text"
        except Malformed:
            # What no grammar has held to its form, or too deep: nothing of it can be used.
            self._mode = "broken"


class _Finder:
    """Looks for marks, and holds back what may become one."""

    def __init__(self, automaton: Automaton) -> None:
        self._automaton = automaton
        self._patterns = [_pattern(mark) for mark in automaton.marks]
        self._moves: dict[tuple[State, str], State] = {}
        self._state = automaton.start
        self._held: list[str] = []
        self._sure = 0  # how many of the held characters are part of no mark

    def restart(self) -> None:
        """Begin anew: where the text begins."""
        self._state = self._automaton.start
        self.finish()

    def push(self, character: str) -> tuple[str, int] | None:
        """Take a character; return the text before a mark that it completes, and its number."""
        move = (self._state, character)
        state = self._moves.get(move)
        if state is None:
            state = self._moves[move] = self._automaton.step(*move)
        self._state = state
        self._held.append(character)
        if state == self._automaton.idle:
            self._sure = len(self._held)
            return None
        found = self._automaton.found(state)
        if found is None:
            return None
        held = self.finish()
        match = self._patterns[found].search(held)
        assert match is not None, "the automaton has read it"
        return held[: match.start()], found

    def certain(self) -> str:
        """Return text that cannot become part of a mark any more."""
        text = "".join(self._held[: self._sure]).rstrip(_BLANKS)
        del self._held[: len(text)]
        self._sure -= len(text)
        return text

    def finish(self) -> str:
        held = "".join(self._held)
        self._held.clear()
        self._sure = 0
        return held


def _pattern(mark: Mark) -> re.Pattern[str]:
    parts = (f"[{_BLANKS}]*" if part is BLANK else re.escape(part) for part in mark.parts)
    return re.compile("".join(parts) + r"\Z")


class _Writer:
    """Makes events of what is read, as few as there can be.

    The first call is told as it comes, each further one once it is complete: small models make the
    same ones again and again, and those are dropped.
    """

    def __init__(self) -> None:
        self._events: list[AnswerPiece] = []
        self._held: list[AnswerPiece] = []
        self._pieces: list[str] = []
        self._made: list[tuple[str, str]] = []  # name and arguments of each call
        self._complete = True
        self.repeated = False

    @property
    def count(self) -> int:
        return len(self._made)

    def text(self, text: str) -> None:
        if text:
            self._events.append(Delta(text))

    def begin(self, name: str) -> None:
        self.end()
        identifier = "".join(secrets.choice(_ID_CHARACTERS) for _ in range(_ID_LENGTH))
        self._told.append(CallStarted(self.count, identifier, name))
        self._made.append((name, ""))
        self._complete = False

    def arguments(self, text: str) -> None:
        self._pieces.append(text)

    def end(self) -> None:
        """End the newest call, if that has not happened; drop it if there was one like it."""
        if self._complete:
            return
        self._flush()
        self._complete = True
        if self._made[-1] in self._made[:-1]:
            self._made.pop()
            self.repeated = True
        else:
            self._events += self._held
        self._held.clear()

    def take(self, *, last: bool = False) -> list[AnswerPiece]:
        """Return the events, and begin anew; at the `last` time also those of half a call."""
        self._flush()
        if last:
            self._events += self._held
            self._held.clear()
        events, self._events = self._events, []
        return events

    @property
    def _told(self) -> list[AnswerPiece]:
        """Return where events of the newest call go to, or of the one that begins."""
        index = self.count if self._complete else self.count - 1
        return self._held if index else self._events

    def _flush(self) -> None:
        if self._pieces:
            text = "".join(self._pieces)
            self._told.append(CallArguments(self.count - 1, text))
            name, arguments = self._made[-1]
            self._made[-1] = name, arguments + text
            self._pieces.clear()
