"""The rules that read sentences, compiled once for all tests of a process that need them."""

from functools import cache

from pisovereign.parsing.parser import Parser


@cache
def rules() -> Parser:
    """It keeps nothing of what it reads, so all tests can use one."""
    return Parser()
