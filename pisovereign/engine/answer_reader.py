"""From an answer's tokens to its events: text that may be shown, thoughts, and calls.

A character may be split over tokens and a stop string over several, so both are held back until
they are decided. What has been handed out is never taken back.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence

from pisovereign.engine.repetition import RepetitionGuard
from pisovereign.engine.templates import Segment, Special
from pisovereign.engine.templates.reasoning import ReasoningParser, Thought
from pisovereign.engine.tool_calls.answer_parser import AnswerParser
from pisovereign.engine_client.answer_events import AnswerPiece, CallStarted, Delta, Reasoning
from pisovereign.engine_client.types import FinishReason


class AnswerReader:
    """Reads the tokens of one answer.

    Stop strings, and noticing repetition, are for the text that is shown, not for calls.

    Args:
        stops: strings that end the answer; neither they nor what follows is handed out.
        guard: notices that the answer repeats itself, which ends it; None: it may.
        parser: takes calls out; None: there are none.
        thoughts: takes out what the model thinks; None: nothing.

    Attributes:
        ended: whether the answer ends here, although the model would go on.
    """

    __slots__ = ("_called", "_guard", "_parser", "_text", "_thoughts", "ended")

    def __init__(
        self,
        stops: Sequence[str] = (),
        guard: RepetitionGuard | None = None,
        parser: AnswerParser | None = None,
        thoughts: ReasoningParser | None = None,
    ) -> None:
        self._text = TextStream(stops)
        self._guard = guard
        self._parser = parser
        self._thoughts = thoughts
        self._called = False
        self.ended = False

    def push(self, piece: bytes, control: str = "") -> list[AnswerPiece]:
        """Take a token and return what is now certain.

        Args:
            piece: its bytes.
            control: its name, for a control token that is part of the answer.
        """
        if self._parser is None and self._thoughts is None:
            return self._shown(piece, self._text.push(piece))
        segment: Segment = Special(control) if control else self._text.decode(piece)
        aside = self._aside
        parts = [segment] if self._thoughts is None else self._thoughts.push(segment)
        events: list[AnswerPiece] = []
        for event in self._apart(parts):
            if isinstance(event, Delta):
                events += self._shown(piece, self._text.release(event.text))
                piece = b""
                if self.ended:
                    return events
            else:
                self._called = self._called or isinstance(event, CallStarted)
                events.append(event)
        if piece and not aside and not self._aside:
            events += self._shown(piece, "")
        if self._parser is not None and self._parser.over:
            self.ended = True
        return events

    def finish(self) -> list[AnswerPiece]:
        """Return what was held back, at the end of the answer."""
        events: list[AnswerPiece] = []
        text = ""
        if not self.ended:
            left = [] if self._thoughts is None else self._apart(self._thoughts.finish())
            left += [] if self._parser is None else self._parser.finish()
            for event in left:
                if isinstance(event, Delta):
                    text += self._text.release(event.text)
                else:
                    events.append(event)
        text += self._text.finish()
        return [*events, Delta(text)] if text else events

    @property
    def _aside(self) -> bool:
        """Return whether the model writes something else than text."""
        calling = self._parser is not None and self._parser.in_call
        return calling or (self._thoughts is not None and self._thoughts.inside)

    def _apart(self, parts: Sequence[Thought | Segment]) -> list[AnswerPiece]:
        """Return thoughts, calls and text, in their order."""
        events: list[AnswerPiece] = []
        for part in parts:
            if isinstance(part, Thought):
                events.append(Reasoning(part.text))
            elif self._parser is not None:
                events += self._parser.feed(part.text if isinstance(part, Special) else part)
            elif isinstance(part, str) and part:
                events.append(Delta(part))
        return events

    def reason(self, reason: FinishReason) -> FinishReason:
        """Return why the answer ended: a complete one with calls ended for them.

        One that repeats itself was cut, as one that is too long.
        """
        if self._parser is not None and self._parser.broken:
            return "length"
        if self._guard is not None and self._guard.looped:
            return "length"
        return "tool_calls" if self._called and reason == "stop" else reason

    def _shown(self, piece: bytes, text: str) -> list[AnswerPiece]:
        if self._guard is not None:
            self._guard.push(piece.decode("utf-8", "replace"))
            if self._guard.looped:
                self.ended = True
                return []
        if self._text.stopped:
            self.ended = True
        return [Delta(text)] if text else []


class TextStream:
    """Turns token bytes into text deltas and watches for stop strings.

    Invalid UTF-8 becomes U+FFFD; an unfinished character at the very end is dropped, as is U+0000,
    which no text column can hold.

    Args:
        stops: strings that end the answer; neither they nor what follows is handed out.
    """

    __slots__ = ("_decoder", "_held", "_longest", "_stops", "stopped")

    def __init__(self, stops: Sequence[str] = ()) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._stops = tuple(stops)
        self._longest = max(map(len, stops), default=0)
        self._held = ""
        self.stopped = False

    def push(self, piece: bytes) -> str:
        """Take the next token's bytes and return the text that is now certain, perhaps empty."""
        return "" if self.stopped else self.release(self.decode(piece))

    def decode(self, piece: bytes) -> str:
        """Return the whole characters up to the end of a token's bytes."""
        text = self._decoder.decode(piece)
        return text.replace("\0", "") if "\0" in text else text

    def release(self, text: str) -> str:
        """Take more text, and return what is certain to be before a stop string."""
        if not self._stops or not text or self.stopped:
            return "" if self.stopped else text
        self._held += text
        return self._release()

    def finish(self) -> str:
        """Return what was held back, at the end of the answer."""
        held, self._held = self._held, ""
        return held

    def _release(self) -> str:
        # The stop string that is complete first counts, however the text was cut into tokens.
        found = [(at + len(stop), at) for stop in self._stops if (at := self._held.find(stop)) >= 0]
        if found:
            _, at = min(found)
            text, self._held, self.stopped = self._held[:at], "", True
            return text
        keep = self._undecided()
        cut = len(self._held) - keep
        text, self._held = self._held[:cut], self._held[cut:]
        return text

    def _undecided(self) -> int:
        """Return length of the longest tail that could still grow into a stop string."""
        for length in range(min(self._longest - 1, len(self._held)), 0, -1):
            tail = self._held[-length:]
            if any(stop.startswith(tail) for stop in self._stops):
                return length
        return 0
