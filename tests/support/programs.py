"""Programs of other people that a test needs."""

from __future__ import annotations

import os
import shutil

import pytest


def required_program(name: str) -> str:
    """Its path; without it the test is skipped, but fails where everything has to be there."""
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if path is None:
        message = f"no {name}; install its package"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return path
