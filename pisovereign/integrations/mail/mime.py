"""The parts of a mail: its text, and which files are attached.

They are split one level at a time, to a bounded depth and number.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pisovereign.integrations.mail import charsets, html
from pisovereign.integrations.mail.part import Part
from pisovereign.integrations.mail.plain import one_line

_DEEPEST = 20
_MOST_PARTS = 200
_MOST_ATTACHMENTS = 50
_LONGEST_BOUNDARY = 200
_LONGEST_LEAF = 4 * html.LONGEST
_READ_KINDS = frozenset({"text/plain", "text/html", "text/enriched", "text/markdown"})
# Text that only says that one's program shows no HTML is shorter than this.
_A_REMARK = 300


class Attachment(NamedTuple):
    """A file in a mail, as the mail describes it; `size` in bytes as sent, None when cut off."""

    name: str
    kind: str
    size: int | None


class Content(NamedTuple):
    """What a mail says. `text` may still hold anything; see `plain.block`."""

    text: str
    attachments: list[Attachment]


class _Budget:
    """What is left of the parts and characters that are read of one mail."""

    def __init__(self, characters: int) -> None:
        self.characters = characters
        self.parts = _MOST_PARTS
        self.attachments: list[Attachment] = []


def read(mail: Part, most: int, *, cut: bool = False) -> Content:
    """The text of a mail, at most about `most` characters, and its attachments.

    `cut` says that only the beginning of the mail is there.
    """
    budget = _Budget(most)
    text = _read_part(mail, budget, 0, cut)
    return Content(text, budget.attachments)


def _read_part(part: Part, budget: _Budget, depth: int, cut: bool) -> str:
    budget.parts -= 1
    kind = part.kind
    if kind.startswith("multipart/") and depth < _DEEPEST:
        pieces, open_ended = _split(part)
        if pieces:
            read_in = _alternative if kind == "multipart/alternative" else _mixed
            return read_in(pieces, budget, depth + 1, cut and open_ended)
        # It says that it has parts, and has none: what is there is text.
    elif _is_attached(part):
        _attach(part, budget, cut)
        return ""
    if budget.characters <= 0:
        return ""
    data = part.decoded(_LONGEST_LEAF)
    cut = cut or len(part.body) > _LONGEST_LEAF
    text = charsets.decode(data, part.charset, cut=cut).text
    if kind == "text/html":
        text = html.to_text(text, budget.characters)
    text = text[: 4 * budget.characters + 1024]
    budget.characters -= len(text.strip())
    return text


def _mixed(pieces: list[bytes], budget: _Budget, depth: int, cut: bool) -> str:
    texts: list[str] = []
    for number, piece in enumerate(pieces, 1):
        if budget.parts <= 0:
            break
        last = number == len(pieces)
        texts.append(_read_part(Part.read(piece), budget, depth, cut and last))
    return "\n".join(text for text in texts if text.strip())


def _alternative(pieces: list[bytes], budget: _Budget, depth: int, cut: bool) -> str:
    """The plain form of what is there in several; the next one if it says next to nothing."""
    best = ""
    left = budget.characters
    for number, piece in enumerate(pieces, 1):
        if budget.parts <= 0:
            break
        last = number == len(pieces)
        budget.characters = left
        text = _read_part(Part.read(piece), budget, depth, cut and last)
        length, before = len(text.strip()), len(best.strip())
        if before == 0 or (before < _A_REMARK and length > 3 * before):
            best = text
    budget.characters = left - len(best.strip())
    return best


def _split(part: Part) -> tuple[list[bytes], bool]:
    """The parts, and whether the last one has no end; none when the boundary is nowhere."""
    name = part.boundary[:_LONGEST_BOUNDARY]
    if not name:
        return [], False
    lines = re.compile(rb"^--" + re.escape(name) + rb"(--)?[ \t]*(?:\n|\Z)", re.MULTILINE)
    body = part.body
    pieces: list[bytes] = []
    start: int | None = None
    for line in lines.finditer(body):
        if start is not None:
            pieces.append(body[start : line.start()].removesuffix(b"\n"))
        if line[1]:
            return pieces, False
        start = line.end()
        if len(pieces) >= _MOST_PARTS:
            return pieces, False
    if start is not None:
        pieces.append(body[start:])
    return pieces, True


def _is_attached(part: Part) -> bool:
    return part.kind not in _READ_KINDS or part.disposition == "attachment"


def _attach(part: Part, budget: _Budget, cut: bool) -> None:
    if len(budget.attachments) < _MOST_ATTACHMENTS:
        size = None if cut else len(part.body)
        budget.attachments.append(Attachment(part.filename, one_line(part.kind, 80), size))
