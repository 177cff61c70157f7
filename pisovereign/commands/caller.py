"""Who gives a command."""

from __future__ import annotations

from typing import NamedTuple

from pisovereign.commands.sources import Language
from pisovereign.keys import Identity


class Caller(NamedTuple):
    """The key that a command came with, and the language to answer in."""

    identity: Identity
    language: Language
