"""Choosing the tokens of one answer, with the native sampler and perhaps a constraint.

**Seeds.** The n-th token of an answer is decided by the n-th number of the seed's sequence,
whatever the ones before it needed, and the distribution is laid out by ascending token id. So the
same seed, prompt and parameters give the same answer as long as the logits are the same; where
kernels round differently, as they may in another batch, answers part only where a number falls
within that rounding. Without a seed every answer has a random one.

**Constraints.** Asking a grammar about every token costs milliseconds, and at most places of a JSON
text two or three of 49,000 are allowed. So a token is drawn first as if there were no constraint,
and only that one is asked about. If it is refused, the rest of what could have been drawn is asked
about, and the draw repeated among what is allowed; only when that is nothing are all tokens masked.
In probabilities, with F the tokens that top-k, top-p and min-p keep and A those that are allowed:

* F and A have tokens in common: F's distribution, restricted to A and scaled to 1. Without filters
  that is exactly what masking gives; with them it is "filter, then mask". Masking first would let
  less likely tokens of A into the filters, in the refused ones' place.
* They have none: A's tokens are filtered and drawn from, as masking does.

At temperature 0 F is one token, and the result is that of masking: the most likely allowed one.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from pisovereign.engine.copy_penalty import CopyPenalty
from pisovereign_native.sampling import PENALTY_WINDOW, TokenSampler, uniform

Logits = NDArray[np.float32]
Ids = NDArray[np.int64]

# Up to so many candidates are asked about one by one before the whole vocabulary is.
_FEW = 256
_FIRST, _AGAIN = range(2)  # numbers that belong to the same token


class SamplingParams(msgspec.Struct, frozen=True, kw_only=True):
    """How a token is drawn.

    Attributes:
        temperature: 0 takes the most likely token.
        top_k: only the k most likely tokens; 0 is no limit.
        top_p: only the most likely tokens that together reach this probability.
        min_p: only tokens at least this likely, relative to the most likely one.
        repeat_penalty: divides what occurred in the last 64 tokens; 1 is off.
        seed: makes the draws repeatable; None is different each time.
    """

    temperature: float = 0.8
    top_k: int = 40
    top_p: float = 1.0
    min_p: float = 0.0
    repeat_penalty: float = 1.0
    seed: int | None = None


class Constraint(Protocol):
    """Something that rules tokens out, such as a grammar."""

    def allowed(self, ids: Ids) -> NDArray[np.bool_]:
        """Return which of these tokens may come next."""

    def mask(self, size: int) -> NDArray[np.bool_]:
        """Return which of all `size` tokens may come next."""

    def accept(self, token: int) -> None:
        """Take note of the token that was chosen."""

    def forced(self, most: int) -> Sequence[int]:
        """Return the tokens that must come next, at most so many; they are not accepted yet."""


class DeadEnd(Exception):
    """No token can be drawn: the constraint allows none, or the logits are not numbers."""


class Sampler:
    """Draws the tokens of one answer; used by one thread at a time.

    Args:
        params: how to draw.
        prompt: the prompt's tokens; its end counts for the repetition penalty.
        constraint: what is allowed, if not everything.
        copies: makes beginning as an earlier answer unlikely; None: it may.

    Raises:
        ValueError: a parameter that is out of its range.
    """

    def __init__(
        self,
        params: SamplingParams,
        prompt: Sequence[int] = (),
        constraint: Constraint | None = None,
        copies: CopyPenalty | None = None,
    ) -> None:
        self._constraint = constraint
        self._copies = copies
        self._seed = secrets.randbits(64) if params.seed is None else params.seed % (1 << 64)
        self._drawn = 0
        self._rules = TokenSampler(
            temperature=params.temperature,
            top_k=params.top_k,
            top_p=params.top_p,
            min_p=params.min_p,
            repeat_penalty=params.repeat_penalty,
        )
        # Once so many are allowed, less likely ones cannot be drawn; 0 if every token can.
        self._enough = 1 if params.temperature == 0.0 else params.top_k
        self._likely = TokenSampler(
            temperature=1.0, top_k=_FEW, top_p=1.0, min_p=0.0, repeat_penalty=params.repeat_penalty
        )
        for token in prompt[-PENALTY_WINDOW:]:
            self._remember(token)

    def sample(self, logits: Logits) -> int:
        """Draw a token; `logits` has one value for each token and is not changed.

        Raises:
            DeadEnd: there is none to draw.
        """
        number = self._drawn
        self._drawn += 1
        if self._copies is not None:
            logits = self._copies.applied(logits)
        token = self._rules.draw(logits, uniform(self._seed, number, _FIRST))
        if token >= 0 and self._constraint is not None:
            constraint = self._constraint
            if not constraint.allowed(np.array([token]))[0]:
                token = self._again(logits, constraint, uniform(self._seed, number, _AGAIN))
        if token < 0:
            raise DeadEnd
        return token

    def forced(self, most: int) -> Sequence[int]:
        """Return the tokens that must come next whatever the logits are, at most so many.

        Each of them counts as one that was drawn; all have to be accepted.
        """
        if self._constraint is None or most < 1:
            return ()
        tokens = self._constraint.forced(most)
        self._drawn += len(tokens)
        return tokens

    def accept(self, token: int) -> None:
        """Remember a token that became part of the answer."""
        self._remember(token)
        if self._copies is not None:
            self._copies.accept(token)
        if self._constraint is not None:
            self._constraint.accept(token)

    def _remember(self, token: int) -> None:
        self._rules.accept(token)
        self._likely.accept(token)

    def _again(self, logits: Logits, constraint: Constraint, u: float) -> int:
        """Draw among what is allowed; -1 if that is nothing."""
        mask = None
        if not self._rules.unlimited:
            ids, weights = self._rules.shortlist(logits)
            if len(ids) > _FEW:
                mask = constraint.mask(len(logits))
                allowed = mask[ids]
            else:
                allowed = constraint.allowed(ids)
            mass = np.cumsum(weights[allowed], dtype=np.float64)
            # Weights can be so small that they are zero: as good as none.
            if len(mass) and mass[-1] > 0.0:
                at = np.searchsorted(mass, u * mass[-1], side="right")
                return int(ids[allowed][min(at, len(mass) - 1)])
        if mask is None:
            mask = self._mask(logits, constraint)
        return self._rules.draw(logits, u, mask.view(np.uint8))

    def _mask(self, logits: Logits, constraint: Constraint) -> NDArray[np.bool_]:
        """Return what is allowed, as far as it matters."""
        if 0 < self._enough <= _FEW:
            ids, _ = self._likely.shortlist(logits)
            ids = ids[constraint.allowed(ids)]
            if len(ids) >= self._enough:
                mask = np.zeros(len(logits), np.bool_)
                mask[ids] = True
                return mask
        return constraint.mask(len(logits))
