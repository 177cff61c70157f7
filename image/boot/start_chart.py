"""A chart of what took time in a start, of the hundreds of rows of `systemd-analyze plot`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from image.boot.serial_shell import Probe

_ROW = re.compile(
    r"<title>(?P<name>\S+\.(?:service|mount)):\n.*?"
    r'<rect class="activating" x="(?P<x>[\d.]+)" y="[\d.]+" width="(?P<width>[\d.]+)"',
    re.DOTALL,
)
_PER_S = 100.0  # its pixels for a second
LEAST_S = 0.3
_LEFT, _RIGHT, _ROW_PX, _TOP, _SCALE = 20, 330, 16, 40, 8.0


def times(probe: Probe, limit_s: float) -> str:
    """Wait until everything is started; returns how long that took, as systemd tells it."""
    probe.run("timeout 300 systemctl is-system-running --wait", limit_s)
    return probe.run("systemd-analyze --no-pager").replace("\n", "; ")


class Unit(NamedTuple):
    """A unit that was started: when that began, in seconds of the kernel, and how long it took."""

    name: str
    began_s: float
    took_s: float


def units(plot: str) -> list[Unit]:
    """Return services and mounts that took at least `LEAST_S`, in the order in which they began."""
    found = []
    for row in plot.split("<g>"):
        if match := _ROW.search(row):
            name = match["name"].replace("\\x2d", "-")
            unit = Unit(name, float(match["x"]) / _PER_S, float(match["width"]) / _PER_S)
            if unit.took_s >= LEAST_S:
                found.append(unit)
    return sorted(found, key=lambda unit: unit.began_s)


def draw(found: Sequence[Unit], title: str) -> str:
    """Return the chart as SVG, a row for each unit.

    Args:
        found: the units.
        title: what stands above them.
    """
    end_s = max((unit.began_s + unit.took_s for unit in found), default=1.0)
    width, height = _LEFT + end_s * _SCALE + _RIGHT, _TOP + (len(found) + 2) * _ROW_PX
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}"'
        ' font-family="sans-serif" font-size="11">',
        f'<rect width="{width:.0f}" height="{height}" fill="white"/>',
        f'<text x="{_LEFT}" y="18" font-weight="bold">{_text(title)}</text>',
    ]
    for second in range(0, int(end_s) + 1, 10):
        x = _LEFT + second * _SCALE
        lines.append(f'<path d="M{x} {_TOP - 8}V{height - 2 * _ROW_PX}" stroke="#ddd"/>')
        lines.append(f'<text x="{x}" y="{height - _ROW_PX}" text-anchor="middle">{second}</text>')
    for row, unit in enumerate(found):
        x, y = _LEFT + unit.began_s * _SCALE, _TOP + row * _ROW_PX
        bar = unit.took_s * _SCALE
        lines.append(
            f'<rect x="{x:.1f}" y="{y - 5}" width="{bar:.1f}" height="11" fill="#2060b0"/>'
        )
        label = f"{_text(unit.name)} ({unit.took_s:.1f} s)"
        lines.append(f'<text x="{x + bar + 5:.1f}" y="{y + 4}">{label}</text>')
    return "\n".join([*lines, "</svg>", ""])


def _text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
