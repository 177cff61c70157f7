"""Audio as the services take and give it: plain samples, and as a WAV file."""

from __future__ import annotations

import io
import wave
from typing import NamedTuple

SAMPLE_BYTES = 2
_LEAST_RATE, _MOST_RATE = 8_000, 48_000


class Audio(NamedTuple):
    """Samples of 16 bits in one or more channels, and how many there are in each second."""

    rate: int
    channels: int
    samples: bytes

    @property
    def seconds(self) -> float:
        """Return how long it is."""
        return len(self.samples) / (self.rate * self.channels * SAMPLE_BYTES)


def to_wav(audio: Audio) -> bytes:
    """Return audio as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(audio.channels)
        out.setsampwidth(SAMPLE_BYTES)
        out.setframerate(audio.rate)
        out.writeframes(audio.samples)
    return file.getvalue()


def from_plain_wav(data: bytes) -> Audio | None:
    """Return the audio of a WAV file of one channel of 16 bits; None: it is something else."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        return None
    try:
        with wave.open(io.BytesIO(data), "rb") as file:
            rate = file.getframerate()
            form = (file.getnchannels(), file.getsampwidth(), file.getcomptype())
            if form != (1, SAMPLE_BYTES, "NONE") or not _LEAST_RATE <= rate <= _MOST_RATE:
                return None
            return Audio(rate, 1, file.readframes(len(data) // SAMPLE_BYTES))
    except (wave.Error, EOFError, ValueError, OverflowError):
        return None
