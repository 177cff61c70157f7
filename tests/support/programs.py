"""Programs of other people that a test needs."""

from __future__ import annotations

import os
import shutil

import pytest


def required_program(name: str) -> str:
    """Its path; without it the test is skipped, but fails where everything has to be there."""
    path = _path(name)
    if path is None and os.environ.get("CI"):
        pytest.fail(f"no {name}; install its package")
    return path or optional_program(name)


def optional_program(name: str) -> str:
    """Its path; without it the test is skipped: its package would start a server everywhere."""
    path = _path(name)
    if path is None:
        pytest.skip(f"no {name}; install its package")
    return path


def _path(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path="/usr/sbin")
