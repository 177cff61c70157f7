"""Promised against true seconds as one SVG file: a point for each turn, and the right quarter."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

SIZE, LEFT, TOP, GAP = 340, 60, 34, 60
WITHIN = 0.25
_COLOR = "#2060b0"

Points = Sequence[tuple[float, float]]


def draw(panels: Mapping[str, Points]) -> str:
    """Return the picture.

    Args:
        panels: The promised and the true seconds of each turn, by the title of their panel.
    """
    found = [value for points in panels.values() for point in points for value in point]
    low = math.floor(math.log10(max(1e-3, min(found, default=0.1))))
    high = math.ceil(math.log10(max(found, default=1.0)))
    width, height = len(panels) * (LEFT + SIZE) + 20, TOP + SIZE + GAP
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        ' font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for number, (title, points) in enumerate(panels.items()):
        lines += _panel(title, points, range(low, high + 1), LEFT + number * (LEFT + SIZE))
    return "\n".join([*lines, "</svg>", ""])


def _panel(title: str, points: Points, decades: range, left: float) -> list[str]:
    span = decades[-1] - decades[0]

    def place(promised: float, true: float) -> tuple[float, float]:
        x, y = ((math.log10(max(1e-3, each)) - decades[0]) / span for each in (true, promised))
        return round(left + x * SIZE, 1), round(TOP + (1 - y) * SIZE, 1)

    least, most = 10.0 ** decades[0], 10.0 ** decades[-1]
    band = [
        *(place(each * (1 + WITHIN), each) for each in (least, most)),
        *(place(each * (1 - WITHIN), each) for each in (most, least)),
    ]
    corners = " ".join(f"{x},{y}" for x, y in band)
    lines = [
        f'<text x="{left}" y="{TOP - 14}" font-weight="bold">{title}</text>',
        f'<polygon points="{corners}" fill="#cfe3cf"/>',
        f'<rect x="{left}" y="{TOP}" width="{SIZE}" height="{SIZE}" fill="none" stroke="#888"/>',
    ]
    for decade in decades:
        x, y = place(10.0**decade, 10.0**decade)
        label = f"{10.0**decade:g}"
        lines += [
            f'<text x="{x}" y="{TOP + SIZE + 15}" text-anchor="middle">{label}</text>',
            f'<text x="{left - 6}" y="{y + 4}" text-anchor="end">{label}</text>',
        ]
    middle = left + SIZE / 2
    name = "seconds that it took, across; that were promised, upwards"
    lines.append(f'<text x="{middle}" y="{TOP + SIZE + 34}" text-anchor="middle">{name}</text>')
    for promised, true in points:
        x, y = place(promised, true)
        lines.append(f'<circle cx="{x}" cy="{y}" r="2.5" fill="{_COLOR}" fill-opacity="0.6"/>')
    return lines
