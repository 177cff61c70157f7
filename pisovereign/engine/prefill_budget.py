"""How much of a prompt is read between two tokens of the answers that are being written."""

from __future__ import annotations

_SMOOTHING = 0.2


class PrefillBudget:
    """Keeps the gap between tokens near a target on any board and with any model.

    Reading a prompt in pieces costs nothing: on x86-64 pieces of 32 tokens were as fast as pieces
    of 512 (175 to 185 tokens a second). Below 32 the weights are read too often for too little.

    Args:
        target_s: how long reading may hold up the answers, in seconds.
        least: tokens that are read at once however slow that is.
        most: tokens that are read at once however fast that is.
    """

    def __init__(self, *, target_s: float = 0.1, least: int = 32, most: int = 256) -> None:
        self._target_s = target_s
        self._least = least
        self._most = most
        self._token_s: float | None = None

    def observe(self, tokens: int, seconds: float) -> None:
        """Record how long a step took; steps of few tokens say little and are ignored."""
        if tokens < self._least:
            return
        each = seconds / tokens
        before = each if self._token_s is None else self._token_s
        self._token_s = before + _SMOOTHING * (each - before)

    @property
    def tokens(self) -> int:
        """Return tokens to read in the next step."""
        if not self._token_s:
            return self._least
        return max(self._least, min(self._most, int(self._target_s / self._token_s)))
