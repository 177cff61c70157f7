"""Draw `docs/decay.svg`: `python -m docs.decay_plot` from the project's folder."""

from __future__ import annotations

from pathlib import Path

from pisovereign.config import MemoryConfig
from pisovereign.memory.decay import faded_importance

TARGET = Path(__file__).with_name("decay.svg")
DAYS = 365
WIDTH, HEIGHT, MARGIN = 560, 280, 46
CURVES = {0: "#b03060", 1: "#2060b0", 10: "#208040"}


def draw() -> str:
    """Plot importance over days without use, for memories that were used 0, 1 and 10 times."""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    for importance in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = _y(importance)
        lines.append(f'<path d="M{MARGIN} {y}H{WIDTH - 10}" stroke="#ddd"/>')
        lines.append(f'<text x="{MARGIN - 6}" y="{y + 4}" text-anchor="end">{importance}</text>')
    for day in range(0, DAYS + 1, 90):
        x = _x(day)
        lines.append(f'<path d="M{x} {_y(0)}v4" stroke="#888"/>')
        lines.append(f'<text x="{x}" y="{_y(0) + 18}" text-anchor="middle">{day}</text>')
    lines.append(
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 8}" text-anchor="middle">days without use</text>'
    )
    for row, (uses, color) in enumerate(CURVES.items()):
        lines += _curve(uses, color, row)
    return "\n".join([*lines, "</svg>", ""])


def _curve(uses: int, color: str, row: int) -> list[str]:
    half_life = MemoryConfig().half_life_days
    points = " ".join(
        f"{_x(day)},{_y(faded_importance(1.0, day, uses, half_life))}"
        for day in range(0, DAYS + 1, 5)
    )
    x, y = WIDTH - 130, 24 + 18 * row
    times = "never used" if uses == 0 else f"used {uses} time{'s' * (uses > 1)}"
    return [
        f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2"/>',
        f'<path d="M{x} {y - 4}h20" stroke="{color}" stroke-width="2"/>',
        f'<text x="{x + 26}" y="{y}">{times}</text>',
    ]


def _x(day: float) -> float:
    return round(MARGIN + day / DAYS * (WIDTH - MARGIN - 20), 1)


def _y(importance: float) -> float:
    return round(HEIGHT - MARGIN - importance * (HEIGHT - MARGIN - 12), 1)


if __name__ == "__main__":
    TARGET.write_text(draw(), encoding="utf-8")
