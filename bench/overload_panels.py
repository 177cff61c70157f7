"""What the picture of an overload shows: what one person waits, and what others do meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bench.line_plot import Curve
from bench.report import percentile

Ends = Mapping[str, Sequence[tuple[float, float]]]
"""When each request of a kind began, and how long it took, in seconds."""


class Span(NamedTuple):
    """From when until when others did something."""

    name: str
    began_s: float
    ended_s: float


def panels(ends: Ends, spans: Sequence[Span]) -> dict[str, dict[str, Curve]]:
    """Return the curves of the picture by the title of their panel.

    Args:
        ends: of the one person.
        spans: one after the other; the first is where the picture begins.
    """
    start = spans[0].began_s
    found: dict[str, dict[str, Curve]] = {
        f"One person waits for a {kind}, ms": _seconds(each, start) for kind, each in ends.items()
    }
    meanwhile: dict[str, list[tuple[float, float]]] = {}
    for span in spans:
        began, ended = ((at - start) / 60 for at in (span.began_s, span.ended_s))
        # Something may be done twice, such as nothing.
        curve = meanwhile.setdefault(span.name, [])
        curve += [(began, 0.0), (began, 1.0), (ended, 1.0), (ended, 0.0)]
    found["Meanwhile"] = dict(meanwhile)
    return found


def _seconds(ends: Sequence[tuple[float, float]], start: float) -> dict[str, Curve]:
    """Return the longest wait and the median of the requests that began in each second."""
    grouped: dict[int, list[float]] = {}
    for began, seconds in ends:
        if began >= start:
            grouped.setdefault(int(began - start), []).append(1000 * seconds)
    return {
        name: [((second + 0.5) / 60, percentile(grouped[second], share)) for second in grouped]
        for name, share in (("longest", 1.0), ("median", 0.5))
    }
