"""The state of one answer: logits go in; tokens, events and the reason for the end come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pisovereign.engine.answer_reader import AnswerReader
from pisovereign.engine.prompt_lookup import PromptLookup, StepCosts
from pisovereign.engine.sampling import Logits, Sampler
from pisovereign.engine.vocab import Vocab
from pisovereign.engine_client.answer_events import AnswerPiece, CallArguments, Delta, Reasoning
from pisovereign.engine_client.types import FinishReason


class GenerationStep(NamedTuple):
    """The outcome of a step's logits.

    Attributes:
        tokens: tokens to compute next; none at the end, else at least one.
        events: what is now certain of the answer.
        reason: why the answer ended; None while it goes on.
        kept: how many of the guesses, from the first, became part of the answer.
        forced: how many of the answer's new tokens nothing had to be computed for.
    """

    tokens: tuple[int, ...]
    events: tuple[AnswerPiece, ...]
    reason: FinishReason | None
    kept: int = 0
    forced: int = 0


class Generation:
    """State of one answer, independent of the sequence and batch it is computed in.

    Args:
        vocab: the model's vocabulary.
        sampler: draws the tokens.
        reader: makes events of them.
        max_tokens: length limit, at least 1.
        controls: names of the control tokens that are part of the answer, and do not end it.
        lookup: guesses what comes next; None: nothing is guessed.
    """

    __slots__ = (
        "_controls",
        "_lookup",
        "_reader",
        "_sampler",
        "_vocab",
        "max_tokens",
        "tokens",
    )

    def __init__(
        self,
        vocab: Vocab,
        sampler: Sampler,
        reader: AnswerReader,
        *,
        max_tokens: int,
        controls: Mapping[int, str] | None = None,
        lookup: PromptLookup | None = None,
    ) -> None:
        self._vocab = vocab
        self._sampler = sampler
        self._reader = reader
        self._controls = controls or {}
        self._lookup = lookup
        self.max_tokens = max_tokens
        self.tokens = 0

    def guess(self, costs: StepCosts, most: int) -> Sequence[int]:
        """Return tokens that the answer may go on with, at most so many; none if that costs more.

        Args:
            costs: what batches cost.
            most: most tokens.
        """
        room = min(most, self.max_tokens - self.tokens - 1)
        return () if self._lookup is None else self._lookup.guess(costs, room)

    def advance(
        self, rows: Sequence[Logits], guesses: Sequence[int] = (), most: int = 1
    ) -> GenerationStep:
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
        events: list[AnswerPiece] = []
        forced, reason = 0, None
        while reason is None:
            reason = self._take(self._sampler.sample(rows[len(chosen)]), chosen, events)
            if reason is None:
                room = min(most - 1, self.max_tokens - self.tokens)
                for token in self._sampler.forced(room):
                    forced += 1
                    reason = self._take(token, chosen, events)
                    if reason is not None:
                        break
            if len(chosen) > len(ahead) or chosen != ahead[: len(chosen)]:
                break
        kept = 0
        while kept < min(len(chosen), len(ahead)) and chosen[kept] == ahead[kept]:
            kept += 1
        if reason is not None:
            events += self._reader.finish()
            reason = self._reader.reason(reason)
        computed = tuple(chosen[kept:]) if reason is None else ()
        return GenerationStep(computed, _joined(events), reason, kept, forced)

    def _take(
        self, token: int, chosen: list[int], events: list[AnswerPiece]
    ) -> FinishReason | None:
        """Add a token to the answer; return the reason if it ends with it."""
        self.tokens += 1
        control = self._controls.get(token, "")
        if not control and self._vocab.ends_answer(token):
            return "stop"
        chosen.append(token)
        self._sampler.accept(token)
        if self._lookup is not None:
            self._lookup.accept(token)
        events += self._reader.push(self._vocab.piece(token), control)
        if self._reader.ended:
            return "stop"
        return "length" if self.tokens >= self.max_tokens else None


def _joined(events: Sequence[AnswerPiece]) -> tuple[AnswerPiece, ...]:
    """Return the events with neighboring pieces of the same text as one."""
    joined: list[AnswerPiece] = []
    for event in events:
        before = joined[-1] if joined else None
        if isinstance(before, Delta) and isinstance(event, Delta):
            joined[-1] = Delta(before.text + event.text)
        elif isinstance(before, Reasoning) and isinstance(event, Reasoning):
            joined[-1] = Reasoning(before.text + event.text)
        elif (
            isinstance(before, CallArguments)
            and isinstance(event, CallArguments)
            and before.index == event.index
        ):
            joined[-1] = CallArguments(event.index, before.text + event.text)
        else:
            joined.append(event)
    return tuple(joined)
