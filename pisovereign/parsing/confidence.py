"""How sure the parser is, as numbers that can be checked.

They are shares: of the labeled utterances that a rule interprets with this confidence, about that
many are interpreted correctly. `python -m bench.parse` prints how true that is.
"""

from __future__ import annotations

BY_RULE = 0.97
BY_MODEL = 0.4
NO_COMMAND = 0.03
"""How likely there is a command after all where none was found."""

# What is deducted:
AMBIGUOUS_TIME = 0.2
"""A time that some people would mean otherwise."""
NO_TIME_OF_DAY = 0.1
"""A day without a time of day."""
IN_THE_PAST = 0.4
"""An event that is over."""
LONG_TITLE = 0.1
"""Words that may say more than a title."""
NOT_ALONE = 0.1
"""Something else was said as well."""


def reported(confidence: float) -> float:
    """Return the confidence as responses show it."""
    return round(max(0.05, min(confidence, 0.99)), 2)
