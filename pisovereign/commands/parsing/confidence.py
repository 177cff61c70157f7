"""How sure the parser is, in numbers that mean what they say."""

from __future__ import annotations

# Certainties of what is not found by rules.
BY_EXAMPLE, BY_MODEL = 0.75, 0.4


class Calibration:
    """Turns a rule's certainty into the share of such readings that are right."""

    def of(self, certainty: float) -> float:
        """The confidence of a command that was found."""
        return round(max(0.05, min(certainty, 0.99)), 2)

    def of_nothing(self) -> float:
        """How likely it is that there was a command, when none was found."""
        return 0.05
