"""Counting the tokens of an answer."""

from __future__ import annotations

from collections.abc import Sequence

from pisovereign.chat.types import Tokens
from pisovereign.engine_client.types import Usage


def tokens_of(usage: Usage) -> Tokens:
    """Return what the engine counted."""
    cached = usage.prompt_tokens_details.cached_tokens if usage.prompt_tokens_details else 0
    return Tokens(usage.prompt_tokens, usage.completion_tokens, usage.total_tokens, cached)


def sum_of(tokens: Sequence[Tokens]) -> Tokens:
    """Return what was read and written in all, each time that the model was asked."""
    return Tokens(
        sum(each.prompt for each in tokens),
        sum(each.completion for each in tokens),
        sum(each.total for each in tokens),
        sum(each.cached for each in tokens),
    )
