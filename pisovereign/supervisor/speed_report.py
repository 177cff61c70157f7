"""The report of a measurement of the engine's speed: numbers, and the page that shows them."""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

import msgspec

from pisovereign.engine.machine import Board, Build

_SYS = Path("/sys")


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """Where it was measured; None: this machine does not tell.

    Attributes:
        kernel: its release and the architecture.
        governor: how the kernel chooses the processor's frequency.
        frequency_mhz: the highest one that it may choose.
        temperature_c: of the processor, in degrees Celsius, before and after.
        throttled: bits of a Raspberry Pi's firmware, in hexadecimal; 0: it was never slowed down.
        bandwidth: bytes a second that all cores together read from memory.
    """

    program: str
    board: Board
    build: Build
    kernel: str
    governor: str | None
    frequency_mhz: int | None
    temperature_c: tuple[float | None, float | None]
    throttled: str | None
    bandwidth: float


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens a second of all clients together, one number for each run."""

    clients: int
    runs: list[float]

    @property
    def median(self) -> float:
        """Return the median run; 0 without one."""
        return median(self.runs) if self.runs else 0.0


class SpeedReport(msgspec.Struct, frozen=True, kw_only=True):
    """A measurement.

    Attributes:
        model: its id.
        weights: bytes of it that each token needs.
        settings: of the engine, as its arguments say.
        tuned: how they were chosen, in lines of text; none: they are the defaults.
        reading: of prompts.
        writing: of answers.
        first_cold_s: seconds to the first token of a new conversation.
        first_warm_s: the same in one that goes on.
        load_s: seconds from the engine's start until it serves.
        memory: bytes of the engine's process at the end.
        complete: whether every run was made before the time was over.
    """

    surroundings: Surroundings
    model: str
    weights: int
    settings: list[str]
    tuned: list[str]
    reading: list[Rate]
    writing: list[Rate]
    first_cold_s: list[float]
    first_warm_s: list[float]
    load_s: float
    memory: int
    complete: bool

    @property
    def reached(self) -> float:
        """Return the share of memory's bandwidth that one answer takes while it is written."""
        alone = next((rate.median for rate in self.writing if rate.clients == 1), 0.0)
        return alone * self.weights / self.surroundings.bandwidth


def governor(sys: Path = _SYS) -> str | None:
    """Return how the kernel chooses the first processor's frequency."""
    return _read(sys / "devices/system/cpu/cpu0/cpufreq/scaling_governor")


def frequency_mhz(sys: Path = _SYS) -> int | None:
    """Return the first processor's highest frequency."""
    text = _read(sys / "devices/system/cpu/cpu0/cpufreq/scaling_max_freq")
    return int(text) // 1000 if text and text.isdecimal() else None


def temperature_c(sys: Path = _SYS) -> float | None:
    """Return the first thermal zone's temperature, which is the processor's on a Raspberry Pi."""
    text = _read(sys / "class/thermal/thermal_zone0/temp")
    return round(int(text) / 1000, 1) if text and text.lstrip("-").isdecimal() else None


def throttled(sys: Path = _SYS) -> str | None:
    """Return the bits with which a Raspberry Pi tells that it was slowed down."""
    return _read(sys / "devices/platform/soc/soc:firmware/get_throttled")


def kernel() -> str:
    """Return release and architecture; not the whole of uname, which has the machine's name."""
    return f"{os.uname().release} {platform.machine()}"


def _read(path: Path) -> str | None:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return path.read_text("ascii").strip() or None
    return None


def page(report: SpeedReport) -> str:
    """Return the report as Markdown: tables for people, and everything as JSON behind them."""
    data = msgspec.json.format(msgspec.json.encode(report)).decode()
    return "\n".join([*_lines(report), "", "```json", data, "```", ""])


def summary(report: SpeedReport) -> str:
    """Return the same without the JSON."""
    return "\n".join(_lines(report))


def _lines(report: SpeedReport) -> Iterator[str]:
    here = report.surroundings
    board = here.board
    yield f"# {report.model} on {board.cpu}"
    yield ""
    yield f"{board.cores} cores, {board.memory_gib} GiB, Linux {here.kernel},"
    yield f"PiSovereign {here.program}, llama-cpp-python {here.build.version or 'unknown'}"
    yield ""
    yield "| | 1 client | 4 clients |"
    yield "| --- | ---: | ---: |"
    for name, rates in (("reading", report.reading), ("writing", report.writing)):
        yield f"| {name}, tokens/s | " + " | ".join(_rate(rates, n) for n in (1, 4)) + " |"
    yield ""
    yield "| | |"
    yield "| --- | ---: |"
    yield f"| first token, cold | {_seconds(report.first_cold_s)} |"
    yield f"| first token, warm | {_seconds(report.first_warm_s)} |"
    yield f"| start of the engine | {report.load_s:.1f} s |"
    yield f"| memory of the engine | {report.memory / 2**20:.0f} MiB |"
    yield f"| memory's bandwidth | {here.bandwidth / 1e9:.1f} GB/s |"
    yield f"| of which writing takes | {report.reached:.0%} |"
    highest = f"{here.frequency_mhz or '?'} MHz"
    yield f"| governor, highest frequency | {here.governor or '?'}, {highest} |"
    before, after = ("?" if value is None else f"{value:g}" for value in here.temperature_c)
    yield f"| temperature, before and after | {before} and {after} °C |"
    yield f"| slowed down by heat or voltage | {_slowed(here.throttled)} |"
    yield ""
    yield f"Settings: `{' '.join(report.settings)}`"
    yield ""
    if report.tuned:
        yield from ("```text", *report.tuned, "```")
    else:
        yield "They were not measured: these are the defaults."
    if not report.complete:
        yield ""
        yield "The time was over before every run was made."


def _rate(rates: Sequence[Rate], clients: int) -> str:
    found = next((rate.median for rate in rates if rate.clients == clients), 0.0)
    return f"{found:.1f}" if found else "-"


def _seconds(runs: Sequence[float]) -> str:
    return f"{median(runs):.2f} s" if runs else "-"


def _slowed(bits: str | None) -> str:
    if bits is None:
        return "this machine does not tell"
    return "no" if set(bits.removeprefix("0x")) <= {"0"} else f"yes: {bits}"
