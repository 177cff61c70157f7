"""The state of one answer: logits go in; tokens, events and the reason for the end come out.

A character may be split over tokens and a stop string over several, so both are held back until
they are decided. What has been handed out is never taken back.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from typing import NamedTuple

from pisovereign.engine.answer_events import AnswerEvent, TextDelta
from pisovereign.engine.repetition import RepetitionGuard
from pisovereign.engine.sampling import Logits, Sampler
from pisovereign.engine.vocab import Vocab
from pisovereign.engine_client.types import FinishReason


class Outcome(NamedTuple):
    """What the logits of a step led to.

    Attributes:
        tokens: tokens to compute next; none at the end, else at least one.
        events: what is now certain of the answer.
        reason: why the answer ended; None while it goes on.
        kept: how many of the guesses, from the first, became part of the answer.
        forced: how many of the answer's new tokens nothing had to be computed for.
    """

    tokens: tuple[int, ...]
    events: tuple[AnswerEvent, ...]
    reason: FinishReason | None
    kept: int = 0
    forced: int = 0


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

    def advance(
        self, rows: Sequence[Logits], guesses: Sequence[int] = (), most: int = 1
    ) -> Outcome:
        """Draw the next token, and more as far as the guesses were right.

        Args:
            rows: the model's output after the tokens that were to be computed, and after each guess
                behind them.
            guesses: tokens that the answer was supposed to go on with.
            most: most tokens that can be computed next.

        Raises:
            DeadEnd: the constraint allows no token.
        """
        ahead, chosen = list(guesses), list[int]()
        texts: list[str] = []
        forced, reason = 0, None
        while reason is None:
            reason = self._take(self._sampler.sample(rows[len(chosen)]), chosen, texts)
            if reason is None:
                room = min(most - 1, self.max_tokens - self.tokens)
                for token in self._sampler.forced(room):
                    forced += 1
                    reason = self._take(token, chosen, texts)
                    if reason is not None:
                        break
            if len(chosen) > len(ahead) or chosen != ahead[: len(chosen)]:
                break
        kept = 0
        while kept < min(len(chosen), len(ahead)) and chosen[kept] == ahead[kept]:
            kept += 1
        text = "".join(texts)
        events = (TextDelta(text),) if text else ()
        return Outcome(tuple(chosen[kept:]) if reason is None else (), events, reason, kept, forced)

    def _take(self, token: int, chosen: list[int], texts: list[str]) -> FinishReason | None:
        """Add a token to the answer; return the reason if it ends with it."""
        self.tokens += 1
        if self._vocab.ends_answer(token):
            texts.append(self._rest())
            return "stop"
        chosen.append(token)
        self._sampler.accept(token)
        piece = self._vocab.piece(token)
        text = self._text.push(piece)
        if self._guard is not None:
            text = self._guard.push(piece.decode("utf-8", "replace"), text)
            if self._guard.looped:
                return "stop"
        texts.append(text)
        if self._text.stopped:
            texts.append(self._rest())
            return "stop"
        if self.tokens >= self.max_tokens:
            texts.append(self._rest())
            return "length"
        return None

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
