"""A message in sentences, with what is not the user's own word made unreadable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

# No message holds it, so it cannot be mistaken for text.
MASK = "\0"

# Quotation marks of English and German, code, and lines that quote. An open one goes on to the end.
_QUOTED = re.compile(
    r"""```.*?(?:```|\Z) | `[^`\n]*` | ^[ \t]*[>|].*?$ | „[^“”]*(?:[“”]|\Z) | “[^”]*(?:”|\Z)
    | «[^»]*(?:»|\Z) | »[^«]*(?:«|\Z) | "[^"]*(?:"|\Z) | (?<!\w)['‘‚][^'’‘\n]*['’‘](?!\w)""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_END = re.compile(r"[.!?…]+(?=\s|\0|$)|;\s|\n+")
# A question often follows in the same sentence: "I am vegetarian, what can I cook?"
_ASKING = re.compile(
    r",\s+(?:(?:and|so|und|also)\s+)?(?=(?:what|how|can|could|do|does|is|are|should|why"
    r"|was|wie|kannst|könntest|kann|soll\w*|warum|gibt|hast|weißt)\b)",
    re.IGNORECASE,
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:dr|mr|mrs|ms|prof|st|no|nr|vs|ca|bzw|usw|etc|[a-zäöü]|(?:[a-z]\.)+[a-z])$"
    # A month, if a day stands before it.
    r"|\d\.? ?(?:jan|feb|mär|mar|mrz|apr|jun|jul|aug|sept?|o[kc]t|nov|de[zc])$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?:^|\D)\d{1,2}$")
# After a number and a point these, and words in small letters, go on: 3. März, 2. Stock.
_GOES_ON = re.compile(
    r"\s+(?:[a-zäöü]|Jan|Feb|Mär|Mar|Apr|Mai|May|Jun|Jul|Aug|Sep|O[kc]t|Nov|De[zc]|Stock|Etage"
    r"|Klasse)"
)


class Sentence(NamedTuple):
    """One sentence.

    Attributes:
        text: as it was written.
        masked: of the same length, with every quoted character as `MASK`.
        asks: it ends with a question mark.
        leads: it ends with a colon, so what follows is spoken of, not said.
    """

    text: str
    masked: str
    asks: bool
    leads: bool


def sentences(message: str) -> Iterator[Sentence]:
    """The sentences of a message in their order."""
    masked = _QUOTED.sub(lambda found: MASK * len(found.group()), message)
    start = 0
    for end, stop in _ends(masked):
        asks = "?" in masked[end:stop]
        asking = _ASKING.search(masked, start, end) if asks else None
        if asking:
            yield _sentence(message, masked, start, asking.start(), asks=False)
            start = asking.end()
        yield _sentence(message, masked, start, end, asks=asks)
        start = stop


def _ends(masked: str) -> Iterator[tuple[int, int]]:
    """Where each sentence's words end, and where its end mark ends."""
    start = 0
    for mark in _END.finditer(masked):
        if mark.group() == "." and _is_no_end(masked, start, mark):
            continue
        if masked[start : mark.start()].strip():
            yield mark.span()
            start = mark.end()
    if masked[start:].strip():
        yield len(masked), len(masked)


def _is_no_end(masked: str, start: int, mark: re.Match[str]) -> bool:
    before = masked[max(start, mark.start() - 12) : mark.start()]
    if _ABBREVIATION.search(before):
        return True
    return bool(_NUMBER.search(before) and _GOES_ON.match(masked, mark.end()))


def _sentence(message: str, masked: str, start: int, end: int, *, asks: bool) -> Sentence:
    while start < end and masked[start].isspace():
        start += 1
    leads = masked[start:end].rstrip().endswith(":")
    return Sentence(message[start:end], masked[start:end], asks, leads)
