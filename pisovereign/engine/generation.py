"""The state of one answer: logits go in; tokens, text and the reason for the end come out.

A character may be split over tokens and a stop string over several, so both are held back until
they are decided. What has been handed out is never taken back.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from typing import NamedTuple

from pisovereign.engine.repetition import RepetitionGuard
from pisovereign.engine.sampling import Logits, Sampler
from pisovereign.engine.vocab import Vocab
from pisovereign.engine_client.types import FinishReason


class Outcome(NamedTuple):
    """What one row of logits led to.

    Attributes:
        token: the token to compute next; None at the end.
        text: text that is now certain, perhaps empty.
        reason: why the answer ended; None while it goes on.
    """

    token: int | None
    text: str
    reason: FinishReason | None


class Generation:
    """State of one answer, independent of the sequence and batch it is computed in.

    Args:
        vocab: the model's vocabulary.
        sampler: draws the tokens.
        stops: strings that end the answer.
        max_tokens: length limit, at least 1.
        guard: notices that the answer repeats itself, which ends it; None: it may.
    """

    __slots__ = ("_guard", "_sampler", "_text", "_vocab", "max_tokens", "tokens")

    def __init__(
        self,
        vocab: Vocab,
        sampler: Sampler,
        *,
        stops: Sequence[str],
        max_tokens: int,
        guard: RepetitionGuard | None = None,
    ) -> None:
        self._vocab = vocab
        self._sampler = sampler
        self._text = TextStream(stops)
        self._guard = guard
        self.max_tokens = max_tokens
        self.tokens = 0

    def advance(self, logits: Logits) -> Outcome:
        """Draw the next token; `logits` is one row of the model's output.

        Raises:
            DeadEnd: the constraint allows no token.
        """
        token = self._sampler.sample(logits)
        self.tokens += 1
        if self._vocab.ends_answer(token):
            return Outcome(None, self._rest(), "stop")
        self._sampler.accept(token)
        piece = self._vocab.piece(token)
        text = self._text.push(piece)
        if self._guard is not None:
            text = self._guard.push(piece.decode("utf-8", "replace"), text)
            if self._guard.looped:
                return Outcome(None, "", "stop")
        if self._text.stopped:
            return Outcome(None, text + self._rest(), "stop")
        if self.tokens >= self.max_tokens:
            return Outcome(None, text + self._rest(), "length")
        return Outcome(token, text, None)

    def _rest(self) -> str:
        """Return what was held back, at the end of the answer."""
        held = "" if self._guard is None else self._guard.finish()
        return held + self._text.finish()


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
        if self.stopped:
            return ""
        text = self._decoder.decode(piece)
        if "\0" in text:
            text = text.replace("\0", "")
        if not self._stops:
            return text
        if not text:
            return ""
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
