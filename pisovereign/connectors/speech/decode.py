"""The program of the process that decodes recordings; see `process.confined`.

It gives a byte that says how it went, and after `_DONE` samples of 16 bits, 16,000 in each second,
in one channel.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

RATE = 16_000
DONE, UNKNOWN, TOO_LONG = b"\0", b"\1", b"\2"
_HALF_WIDTH = 32  # of the filter, in samples at the lower rate
_BLOCK = 1 << 16
_file = -1


def prepare() -> None:
    """Load libsndfile, and what computes."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    import soundfile  # noqa: PLC0415 - only here: the API does without

    assert soundfile.__libsndfile_version__


def take(data: bytes) -> None:
    """Keep a recording as a file in memory.

    libsndfile reads a file, or calls functions of ours. Those are made while the program runs,
    which systemd's MemoryDenyWriteExecute forbids.
    """
    global _file  # noqa: PLW0603 - nothing else is kept between the calls of this process
    _file = os.memfd_create("recording")
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(_file, rest) :]
    os.lseek(_file, 0, os.SEEK_SET)


def convert(data: bytes, arguments: list[str]) -> bytes:
    """Return the samples of a recording in WAV, FLAC, MP3, Ogg Opus or Ogg Vorbis.

    Args:
        data: The file, which `take` has kept.
        arguments: The most seconds that it may last.
    """
    import soundfile  # noqa: PLC0415 - as above

    longest = int(arguments[0])
    try:
        with soundfile.SoundFile(_file) as file:
            rate = file.samplerate
            blocks, frames = [], 0
            while len(block := file.read(_BLOCK, dtype="float32", always_2d=True)):
                frames += len(block)
                if frames > longest * rate:
                    return TOO_LONG
                blocks.append(block.mean(axis=1))
    except (soundfile.SoundFileError, RuntimeError, ValueError, TypeError):
        return UNKNOWN
    return DONE + _samples(blocks, rate) if blocks else UNKNOWN


def _samples(blocks: list[Any], rate: int) -> bytes:
    import numpy as np  # noqa: PLC0415 - as above

    signal = _resampled(np.concatenate(blocks), rate)
    samples: bytes = (np.clip(signal, -1.0, 1.0) * 32767).astype("<i2").tobytes()
    return samples


def _resampled(signal: np.ndarray, rate: int) -> np.ndarray:
    """Return a signal at our rate; what that cannot hold is filtered out before."""
    import numpy as np  # noqa: PLC0415 - as above

    if rate == RATE:
        return signal
    if rate > RATE:
        ratio = RATE / rate
        half = int(_HALF_WIDTH / ratio)
        places = np.arange(-half, half + 1)
        window = np.blackman(2 * half + 1)
        taps = (np.sinc(places * ratio * 0.95) * window).astype("float32")
        signal = np.convolve(signal, taps / taps.sum(), "same")
    length = int(len(signal) * RATE / rate)
    at = np.arange(length) * (rate / RATE)
    between: np.ndarray = np.interp(at, np.arange(len(signal)), signal)
    return between
