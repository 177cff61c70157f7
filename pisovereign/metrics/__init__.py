"""Counts, and the two pages that show them.

A worker counts into files of its own in one folder; whoever is asked adds them up. So the counts
are right with several workers, and stay when one is replaced.
"""

__all__ = ["service", "totals", "types"]
