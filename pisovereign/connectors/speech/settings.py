"""Settings of `speech`: services that write down what is said, and read aloud."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config import rules
from pisovereign.config.rules import setting


class SpeechConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Services that speak Wyoming, such as faster-whisper and Piper."""

    to_text: Annotated[
        str,
        setting(
            "The service that writes down speech, such as `tcp://192.168.1.20:10300`; empty: none.",
            rules.wyoming_service_if_any,
            max_length=300,
        ),
    ] = ""
    to_speech: Annotated[
        str,
        setting(
            "The service that reads aloud, such as `tcp://192.168.1.20:10200`; empty: none.",
            rules.wyoming_service_if_any,
            max_length=300,
        ),
    ] = ""
    voice: Annotated[
        str, setting("The voice that reads aloud; empty: the service's own choice.", max_length=200)
    ] = ""
    timeout_s: Annotated[
        float, setting("Longest wait for one of them, in seconds.", ge=1, le=300)
    ] = 60.0
    longest_audio_s: Annotated[
        int, setting("Longest recording that is written down, in seconds.", ge=5, le=600)
    ] = 120
