"""The machines that all is made for."""

from __future__ import annotations

from typing import NamedTuple

SUITE = "trixie"
"""Debian's release."""

PYTHON = "3.13"
"""The Python it has."""

_CPYTHON = f"cp{PYTHON.replace('.', '')}"
_GLIBC = (
    *(f"manylinux_2_{minor}" for minor in (41, 40, 39, 38, 36, 35, 34, 31, 28, 27, 26, 24, 17)),
    "manylinux2014",
    "linux",
)
"""Every platform whose wheels run there: trixie has glibc 2.41."""

PROCESSORS = {"cortex-a72": "Raspberry Pi 4", "cortex-a76": "Raspberry Pi 5"}


class Target(NamedTuple):
    """A kind of machine, by Debian's name of it and by that of the kernel."""

    architecture: str
    machine: str

    @property
    def tag(self) -> str:
        """Return what our own wheel is for."""
        return f"{_CPYTHON}-{_CPYTHON}-linux_{self.machine}"

    def pip_options(self) -> list[str]:
        """Return the options with which pip takes files for the target, not for this machine."""
        platforms = [f"--platform={name}_{self.machine}" for name in _GLIBC]
        # Of files that are named it asks whether this Python may have them.
        platforms.append("--ignore-requires-python")
        version = [f"--python-version={PYTHON}", "--implementation=cp"]
        return [*platforms, *version, "--only-binary=:all:"]


ARM = Target("arm64", "aarch64")
"""A Raspberry Pi."""

PC = Target("amd64", "x86_64")
"""This machine, if it is one: there the image starts in seconds."""


def named(architecture: str) -> Target:
    """Return the one that Debian calls so.

    Raises:
        ValueError: there is none.
    """
    for target in (ARM, PC):
        if target.architecture == architecture:
            return target
    raise ValueError(f"images are not made for {architecture}")
