"""The state of one answer: logits go in; tokens, text and the reason for the end come out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pisovereign.engine.sampling import Logits, Sampler
from pisovereign.engine.text_stream import TextStream
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
    """

    __slots__ = ("_sampler", "_text", "_vocab", "max_tokens", "tokens")

    def __init__(
        self, vocab: Vocab, sampler: Sampler, *, stops: Sequence[str], max_tokens: int
    ) -> None:
        self._vocab = vocab
        self._sampler = sampler
        self._text = TextStream(stops)
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
            return Outcome(None, self._text.finish(), "stop")
        self._sampler.accept(token)
        text = self._text.push(self._vocab.piece(token))
        if self._text.stopped:
            return Outcome(None, text, "stop")
        if self.tokens >= self.max_tokens:
            return Outcome(None, text + self._text.finish(), "length")
        return Outcome(token, text, None)
