"""The program's description of itself, for whoever asks with `describe`."""

from __future__ import annotations

from collections.abc import Sequence

from wyoming.info import Attribution, HandleModel, HandleProgram, Info

import pisovereign
from pisovereign.languages import Language

NAME = "PiSovereign"
_ATTRIBUTION = Attribution(name=NAME, url="")


def describe(languages: Sequence[Language]) -> Info:
    """Return a program that handles sentences in these languages."""
    version = pisovereign.__version__
    model = HandleModel(
        name="conversation",
        attribution=_ATTRIBUTION,
        installed=True,
        description="Conversations with memory, reminders, lists and approvals",
        version=version,
        languages=list(languages),
    )
    program = HandleProgram(
        name=NAME,
        attribution=_ATTRIBUTION,
        installed=True,
        description="A private assistant",
        version=version,
        models=[model],
        supports_handled_streaming=True,
    )
    return Info(handle=[program])
