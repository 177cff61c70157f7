"""Readings of the board: temperature, throttling, its name and how long it runs.

All are files of the kernel's, which need no right and no program. What a machine lacks is None.
"""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Literal

import psutil

Throttle = Literal["under_voltage", "capped", "throttled", "hot"]
# Of the firmware's word: what is so now, and 16 bits higher what was since the start.
_BITS: tuple[Throttle, ...] = ("under_voltage", "capped", "throttled", "hot")
_SINCE_START = 16
# The processor's own sensor comes first.
_CHIPS = ("cpu_thermal", "coretemp", "k10temp", "cpu-thermal", "acpitz")


def temperature_c() -> float | None:
    """Return the temperature of the processor in degrees Celsius."""
    found = psutil.sensors_temperatures()
    for chip in (*_CHIPS, *found):
        if readings := [entry.current for entry in found.get(chip, ()) if entry.current > 0]:
            return round(max(readings), 1)
    return None


def throttling(root: Path = Path("/sys")) -> tuple[list[Throttle], list[Throttle]] | None:
    """Return what slows a Raspberry Pi down now, and what has since its start."""
    for file in sorted(root.glob("devices/platform/soc*/*firmware*/get_throttled")):
        try:
            word = int(file.read_text(encoding="ascii").strip(), 16)
        except (OSError, ValueError):
            continue
        return _named(word), _named(word >> _SINCE_START)
    return None


def board(file: Path = Path("/proc/device-tree/model")) -> str:
    """Return the name of the board, or else of the processor's architecture."""
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip("\0\n ")
    except OSError:
        return platform.machine()


def started_at() -> float:
    """Return when the machine started, in seconds since the epoch."""
    return float(psutil.boot_time())


def _named(word: int) -> list[Throttle]:
    return [name for bit, name in enumerate(_BITS) if word >> bit & 1]
