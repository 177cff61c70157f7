"""Who gives a command."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from pisovereign.commands.sources import Language
from pisovereign.keys import Identity


class Caller(NamedTuple):
    """The key that a command came with, and the language to answer in.

    `once` is the same for each attempt to carry out one and the same request.
    """

    identity: Identity
    language: Language
    once: UUID | None = None
