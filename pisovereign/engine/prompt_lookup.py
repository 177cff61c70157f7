"""Guessing how an answer goes on where it repeats what is there: the prompt, or itself.

Summaries, replies and corrections copy. The answer's last tokens are looked up in all that stands
before them, and what followed them there is the guess, which is computed in one batch. Whether that
pays depends on how often such guesses are right in this answer, and on what a batch costs on this
machine with this model: both are observed. Whether a guess would have been right is seen without
computing it, so an answer that does not copy costs nothing, and one that begins to is noticed.

A guess counts if the token that is drawn is the guessed one, so answers keep their distribution.
But llama.cpp may round logits of several tokens at once otherwise than those of one at a time. So
an answer that can be repeated, being greedy or having a seed, is guessed only in batches whose
logits were found to be the same, bit for bit.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

# So many tokens have to be the same before what follows them is a guess.
_KEY = 3
# Guessed tokens; with the one before them, whole tiles of llama.cpp's kernels.
SIZES = (1, 3, 7)
MOST = SIZES[-1]
# Before anything was observed: a guess is right with this probability, as if of so many.
_PRIOR, _WEIGHT = 0.5, 2.0
_FADE = 0.95
# A batch whose cost is not known is supposed to cost so much more for each token, to be tried once.
_UNKNOWN = 0.1
# A gain has to be at least this, as times vary.
_LEAST_GAIN = 1.1
_SMOOTHING = 0.2


class PromptLookup:
    """Guesses of one answer; used by the computing thread only.

    Args:
        prompt: the prompt's tokens.
        repeatable: whether the answer must not depend on guesses, not even by rounding.
    """

    __slots__ = ("_after", "_repeatable", "_right", "_tokens", "_tried")

    def __init__(self, prompt: Sequence[int], *, repeatable: bool) -> None:
        self._tokens = list(prompt)
        self._repeatable = repeatable
        self._after: dict[tuple[int, ...], int] | None = None
        self._right, self._tried = _PRIOR * _WEIGHT, _WEIGHT

    def accept(self, token: int) -> None:
        """Take note of a token of the answer, and of whether it would have been guessed."""
        if self._after is not None:
            at = self._after.get(tuple(self._tokens[-_KEY:]))
            if at is not None:
                self._right = self._right * _FADE + (self._tokens[at] == token)
                self._tried = self._tried * _FADE + 1
        self._tokens.append(token)
        if self._after is not None:
            self._note(len(self._tokens) - 1)

    @property
    def probability(self) -> float:
        """Return how likely the next guessed token is right, by what was seen of late."""
        return self._right / self._tried

    def guess(self, costs: StepCosts, most: int) -> list[int]:
        """Return tokens that the answer may go on with, at most so many; none if that costs."""
        sizes = [size for size in costs.sizes(self._repeatable) if size <= most]
        if not sizes:
            return []
        if self._after is None:
            self._after = {}
            for end in range(_KEY, len(self._tokens)):
                self._note(end)
        wanted = costs.worth(self.probability, sizes)
        if not wanted:
            return []
        at = self._after.get(tuple(self._tokens[-_KEY:]))
        if at is None:
            return []
        there = len(self._tokens) - at
        size = max((size for size in sizes if size <= min(wanted, there)), default=0)
        return self._tokens[at : at + size]

    def _note(self, end: int) -> None:
        """Let what ends before `end` be followed by the token there, and the ones behind it."""
        assert self._after is not None, "only once there is an index"
        if end >= _KEY:
            self._after[tuple(self._tokens[end - _KEY : end])] = end


class StepCosts:
    """How long steps take that compute one answer, by their number of tokens.

    Measured while answers are written: another model, board or load has other times.

    Args:
        exact: numbers of guessed tokens whose logits are the same as without guesses.
    """

    def __init__(self, exact: Collection[int] = ()) -> None:
        self._exact = tuple(size for size in SIZES if size in exact)
        self._seconds: dict[int, float] = {}

    def sizes(self, repeatable: bool) -> Sequence[int]:
        """Return how many tokens may be guessed at once, ascending."""
        return self._exact if repeatable else SIZES

    def observe(self, tokens: int, seconds: float) -> None:
        """Record a step of one answer."""
        if tokens <= MOST + 1:
            before = self._seconds.get(tokens, seconds)
            self._seconds[tokens] = before + _SMOOTHING * (seconds - before)

    def worth(self, probability: float, sizes: Sequence[int]) -> int:
        """Return how many tokens to guess, each right with this probability; 0 if none."""
        one = self._seconds.get(1)
        if not one:
            return 0  # what is saved is not known
        best, most = 0, _LEAST_GAIN
        for size in sizes:
            tokens = sum(probability**right for right in range(size + 1))
            cost = self._seconds.get(size + 1, one * (1 + _UNKNOWN * size))
            if tokens * one / cost > most:
                best, most = size, tokens * one / cost
        return best
