"""Curves over minutes as one SVG file, a panel below another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

WIDTH, HEIGHT, LEFT, RIGHT, TOP, GAP = 760, 180, 70, 170, 28, 34
COLORS = (
    *("#2060b0", "#b03060", "#208040", "#b07020", "#7040a0"),
    *("#209090", "#606060", "#c04020", "#90a020", "#d060c0"),
)

Curve = Sequence[tuple[float, float]]


def draw(panels: Mapping[str, Mapping[str, Curve]]) -> str:
    """Return the picture.

    Args:
        panels: The curves of each panel by its title; x is in minutes.
    """
    ends = [x for curves in panels.values() for curve in curves.values() for x, _ in curve]
    end = max(ends, default=1.0) or 1.0
    height = len(panels) * (TOP + HEIGHT + GAP)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
        ' font-family="sans-serif" font-size="11">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
    ]
    for number, (title, curves) in enumerate(panels.items()):
        lines += _panel(title, curves, end, number * (TOP + HEIGHT + GAP) + TOP)
    return "\n".join([*lines, "</svg>", ""])


def _panel(title: str, curves: Mapping[str, Curve], end: float, top: float) -> list[str]:
    most = max((y for curve in curves.values() for _, y in curve), default=1.0) or 1.0
    right = WIDTH - RIGHT
    lines = [f'<text x="{LEFT}" y="{top - 10}" font-weight="bold">{_text(title)}</text>']
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = round(top + HEIGHT * (1 - share), 1)
        lines.append(f'<path d="M{LEFT} {y}H{right}" stroke="#ddd"/>')
        label = f"{most * share:.3g}"
        lines.append(f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{label}</text>')
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = round(LEFT + share * (right - LEFT), 1)
        lines.append(
            f'<text x="{x}" y="{top + HEIGHT + 15}" text-anchor="middle">{end * share:.3g}</text>'
        )
    lines.append(f'<text x="{right + 10}" y="{top + HEIGHT + 15}">minutes</text>')
    for row, (name, curve) in enumerate(curves.items()):
        color = COLORS[row % len(COLORS)]
        points = " ".join(
            f"{LEFT + x / end * (right - LEFT):.1f},{top + HEIGHT * (1 - y / most):.1f}"
            for x, y in curve
        )
        lines.append(
            f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="1.5"/>'
        )
        y = top + 8 + 15 * row
        lines.append(f'<path d="M{right + 10} {y}h16" stroke="{color}" stroke-width="2"/>')
        lines.append(f'<text x="{right + 30}" y="{y + 4}">{_text(name)}</text>')
    return lines


def _text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
