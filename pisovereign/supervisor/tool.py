"""Runs one of the engine's short-lived programs and takes what it prints."""

from __future__ import annotations

import os
import subprocess

from pisovereign.config.loading import PREFIX

_STOP_S = 5.0


class ToolFailed(Exception):
    """A program did not do its work; the text says why."""


def output_of(argv: list[str], limit_s: float) -> bytes:
    """What a program prints; it is ended whatever happens here, also when Ctrl-C arrives.

    Raises:
        ToolFailed: it cannot be started, fails, or takes too long.
    """
    # Settings may hold keys; the engine's processes may know none.
    bare = {k: v for k, v in os.environ.items() if not k.startswith(PREFIX)}
    name = argv[2].rpartition(".")[2]
    try:
        process = subprocess.Popen(
            argv, env=bare, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )
    except OSError as error:
        raise ToolFailed(f"{name} cannot be started: {error.strerror}") from None
    try:
        output, complaint = process.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        raise ToolFailed(f"{name} did not end within {limit_s:g} s") from None
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(_STOP_S)
    if process.returncode != 0:
        lines = complaint.decode(errors="replace").strip().splitlines()
        raise ToolFailed(lines[-1] if lines else f"{name} ended with {process.returncode}")
    return output
