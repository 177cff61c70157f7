"""Recordings are decoded also where systemd forbids to make code while a program runs."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

_PROGRAM = """
import asyncio, ctypes, subprocess, sys
if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0):  # PR_SET_MDWE; it holds for what is started
    sys.exit(77)
sys.exit(subprocess.run([sys.executable, "-c", sys.argv[1], sys.argv[2]]).returncode)
"""
_DECODE = """
import asyncio, pathlib, sys
from pisovereign.connectors.speech.decoding import decode
audio = asyncio.run(decode(pathlib.Path(sys.argv[1]).read_bytes(), 20))
assert 31_000 < len(audio.samples) < 34_000, len(audio.samples)
"""


def test_no_code_is_made_while_it_runs(tmp_path: Path) -> None:
    recording = tmp_path / "voice.ogg"
    file = io.BytesIO()
    soundfile.write(file, np.zeros(48_000), 48_000, format="OGG", subtype="OPUS")
    recording.write_bytes(file.getvalue())
    argv = [sys.executable, "-c", _PROGRAM, _DECODE, str(recording)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode == 77:
        pytest.skip("this kernel cannot forbid it")
    assert done.returncode == 0, done.stderr
