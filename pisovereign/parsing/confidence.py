"""How sure the parser is, in numbers that mean what they say.

They are shares: of the labeled utterances that a rule read with this confidence, about so many are
read rightly. `python -m bench.parse` prints how true that is.
"""

from __future__ import annotations

BY_RULE = 0.97
BY_EXAMPLE = 0.75
BY_MODEL = 0.4
NO_COMMAND = 0.03
"""How likely there is a command where none was found."""

# What is taken off.
DOUBTFUL = 0.2
"""A time that some would mean otherwise."""
UNTIMED = 0.1
"""A day without a time of day."""
PAST = 0.4
"""An event that is over."""
LONG_TITLE = 0.1
"""Words that may say more than a title."""
NOT_ALONE = 0.1
"""Something else was said too."""


def stated(certainty: float) -> float:
    """The confidence that is told."""
    return round(max(0.05, min(certainty, 0.99)), 2)
