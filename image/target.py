"""The machine that all is made for."""

from __future__ import annotations

SUITE = "trixie"
"""Debian's release."""

PYTHON = "3.13"
"""The Python it has."""

TRIPLET = "aarch64-linux-gnu"
TAG = f"cp{PYTHON.replace('.', '')}-cp{PYTHON.replace('.', '')}-linux_aarch64"
"""What our own wheel is for."""

PLATFORMS = tuple(
    f"{name}_aarch64"
    for name in (
        *(f"manylinux_2_{minor}" for minor in (41, 40, 39, 38, 36, 35, 34, 31, 28, 27, 26, 24, 17)),
        "manylinux2014",
        "linux",
    )
)
"""Every tag whose wheels run there: trixie has glibc 2.41."""

PROCESSORS = {"cortex-a72": "Raspberry Pi 4", "cortex-a76": "Raspberry Pi 5"}


def pip_target() -> list[str]:
    """Return the options with which pip takes files for the target and not for this machine."""
    platforms = [f"--platform={platform}" for platform in PLATFORMS]
    # Of files that are named it asks whether this Python may have them.
    platforms.append("--ignore-requires-python")
    return [*platforms, f"--python-version={PYTHON}", "--implementation=cp", "--only-binary=:all:"]
