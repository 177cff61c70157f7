"""Recordings in any usual format, decoded by a process that can only compute."""

from __future__ import annotations

from pisovereign.connectors.speech.audio import SAMPLE_BYTES, Audio, from_plain_wav
from pisovereign.connectors.speech.decode import DONE, RATE, TOO_LONG
from pisovereign.errors import PayloadTooLarge, UnsupportedMediaType
from pisovereign.process.confined import ConfinedError, Limits, run_confined

_MODULE = "pisovereign.connectors.speech.decode"
_MEMORY = 1024**3
_SECONDS, _CPU_S = 60.0, 30


async def decode(data: bytes, longest_s: int) -> Audio:
    """Return the audio of a recording: WAV, FLAC, MP3, Ogg Opus or Ogg Vorbis.

    Args:
        data: The file.
        longest_s: How long it may last, in seconds.

    Raises:
        PayloadTooLarge: It lasts longer.
        UnsupportedMediaType: It is of another format, or broken.
    """
    audio = from_plain_wav(data)
    if audio is None:
        audio = await _decoded(data, longest_s)
    if audio.seconds > longest_s:
        raise _too_long(longest_s)
    return audio


async def _decoded(data: bytes, longest_s: int) -> Audio:
    most = longest_s * RATE * SAMPLE_BYTES + RATE
    limits = Limits(_SECONDS, _CPU_S, _MEMORY, most)
    try:
        found = await run_confined(_MODULE, data, limits, (str(longest_s),))
    except ConfinedError:
        found = b""
    if found[:1] == TOO_LONG:
        raise _too_long(longest_s)
    if found[:1] != DONE:
        raise UnsupportedMediaType(
            "This is no recording that can be read: WAV, FLAC, MP3 and Ogg (Opus or Vorbis) can"
        )
    return Audio(RATE, 1, found[1:])


def _too_long(longest_s: int) -> PayloadTooLarge:
    return PayloadTooLarge(f"The recording is longer than {longest_s} seconds")
