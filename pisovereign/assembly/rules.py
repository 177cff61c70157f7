"""The rules of all languages, which a worker compiles before it imports anything else.

So what is imported is given the room that compiling needs only for a while.
"""

from __future__ import annotations

from pisovereign.parsing.parser import Parser


def compile_rules() -> Parser:
    """Return the rules of all languages, which takes half a second and needs nothing else."""
    return Parser()
