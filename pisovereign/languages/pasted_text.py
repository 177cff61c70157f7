"""Where a message holds text of others that was pasted: mails, chats, letters, articles, quotes.

Such text is found by how it is built, not by what it says: header lines, lines with a speaker or a
time, a salutation with a signature, quote marks, a title above a long paragraph, and what is asked
about a text that stands beside it. The names of headers and the like are data of each language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from pisovereign.languages.patterns import patterns_of_all

_LONG = 160
"""Characters; paragraphs from here on are those of an article rather than of a chat."""
_LONGEST_TITLE = 90
_ASKED = 300
"""Characters; what is asked about a text takes no more."""
_LEAST_SAID = 4
"""Words; shorter values behind a label are entries of a list."""
_LIST_ENTRY = 3
_W = patterns_of_all("pasted")
_FLAGS = re.IGNORECASE
_FENCE = re.compile(r"^[ \t]*```.*?(?:^[ \t]*```[^\n]*$|\Z)", re.MULTILINE | re.DOTALL)
_QUOTED = re.compile(r"\s*[>|]")
_SENDER = re.compile(
    rf"[\s>*_#]{{0,6}}{_W['sender']}[*_]{{0,2}}\s?:[*_]{{0,2}}\s*(?![\d\s])", _FLAGS
)
_HEADER = re.compile(rf"[\s>*_#]{{0,6}}{_W['header']}[*_]{{0,2}}\s?:[*_]{{0,2}}\s*\S", _FLAGS)
_ADDRESSED = re.compile(rf"\b{_W['sender']}\s?:[^\n]{{0,80}}[<\s][^\s@<>]+@[^\s@<>]+", _FLAGS)
_FORWARDED = re.compile(rf"[\s>_*#-]*{_W['forwarded']}[\s:_*-]*$", _FLAGS)
_FOOTER = re.compile(rf"\s*{_W['footer']}", _FLAGS)
_ATTRIBUTION = re.compile(rf"[^\n]{{0,160}}\b{_W['said']}\b[^\n]{{0,80}}:\s*$", _FLAGS)
_SAID_BEFORE = re.compile(rf"\b{_W['said']}\b[^\n.!?:]{{0,40}}:\s", _FLAGS)
_NAME = r"[^\W\d_](?:[\w.'’&-]|[ ](?=[^\W\d_])){0,30}"
_DATE = r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}"
_TIME = r"\d{1,2}[:.h]\d{2}(?::\d{2})?(?:\s?[ap]\.?m\b\.?)?(?:\s?uhr)?"
_STAMP = rf"[\[(]?(?:{_DATE}[,\s]\s*)?{_TIME}[\])]?"
_STAMPED = re.compile(rf"\s*{_STAMP}\s*[-–—|]?\s*<?{_NAME}(?:\s?:|>)\s*\S", _FLAGS)
_STAMPED_HEAD = re.compile(
    rf"\s*{_NAME},?(?:(?:\s+-|\s*[–—|])\s*(?:\w+\s){{0,3}}{_STAMP}"
    rf"|\s*[\[(](?:{_DATE}[,\s]\s*)?{_TIME}[\])]):?\s*$",
    _FLAGS,
)
_PLAIN_HEAD = re.compile(rf"\s*{_NAME},?\s+(?:{_DATE}[,\s]\s*)?{_TIME}\s*$", _FLAGS)
_NICK = re.compile(r"\s*<[@+]?[\w.-]{1,30}>\s+\S")
_LABELED = re.compile(rf"\s*(?P<label>{_NAME})\s?:\s+(?P<said>\S.*)$")
_OWN_LABEL = re.compile(_W["own_label"], _FLAGS)
_LOGGED = re.compile(r"\s*\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}")
_SALUTATION = re.compile(rf"\s*{_W['salutation']}\b[^\n.?:]{{0,60}}$", _FLAGS)
_TO_SOMEBODY = re.compile(
    rf"\s*{_W['salutation']}(?:,?\s+[^\W\d_][\w.'-]*){{1,4}}\s*,?\s*$", _FLAGS
)
_CLOSING = re.compile(rf"\s*{_W['closing']}[\s,.!]*(?:[^\W\d_][\w.' -]{{0,30}})?$", _FLAGS)
_SIGNED = re.compile(r"\s*(?:--|[—–])\s*[^\W\d_][^\n]{0,50}$")
_POINTING = re.compile(_W["pointing"], _FLAGS)
_BYLINE = re.compile(rf"\s*{_W['byline']}\b\W{{0,3}}[^\n.!?]{{2,60}}$", _FLAGS)
_RATED = re.compile(r"\s*[★☆⭐]{2,}")
_AMOUNT = re.compile(r"\s*(?:\d+(?:[.,]\d+)?|[½¼¾])\s+[^\W\d]")
_ADDRESS = re.compile(r"\s*https?://\S+\s*$")
_END_MARK = re.compile(r"[.!?…:;,]\W*$")


class Pasted(NamedTuple):
    """A part of a message that others wrote; `certain`: its frame is that of no message."""

    start: int
    end: int
    certain: bool


class _Line(NamedTuple):
    start: int
    end: int
    text: str

    @property
    def is_blank(self) -> bool:
        return not self.text.strip()


_Finder = Callable[[Sequence[_Line]], Iterator[Pasted]]


def pasted_parts(message: str, *, certain: bool = False) -> list[Pasted]:
    """Return the parts of a message that others wrote, all or those that are certain."""
    lines = list(_lines(message))
    found = [Pasted(*fence.span(), certain=True) for fence in _FENCE.finditer(message)]
    finders = _BY_FRAMES if certain else (*_BY_FRAMES, *_BY_SHAPE)
    found += [part for find in finders for part in find(lines)]
    return [part for part in found if part.certain or not certain]


def own_text(message: str, *, certain: bool = False) -> str:
    """Return a message without what others wrote of it.

    Args:
        message: What a user has sent.
        certain: Leave out only what certainly is no order: learning wants more than that.
    """
    parts = sorted(pasted_parts(message, certain=certain))
    if not parts:
        return message
    kept, at = list[str](), 0
    for part in parts:
        if part.start > at:
            kept.append(message[at : part.start])
        at = max(at, part.end)
    kept.append(message[at:])
    return "\n\n".join(text.strip() for text in kept if text.strip())


def _lines(message: str) -> Iterator[_Line]:
    start = 0
    for text in message.split("\n"):
        yield _Line(start, start + len(text), text)
        start += len(text) + 1


def _quoted(lines: Sequence[_Line]) -> Iterator[Pasted]:
    """Find quoted lines, and lines of logs."""
    for line in lines:
        if _QUOTED.match(line.text) or _LOGGED.match(line.text):
            yield Pasted(line.start, line.end, certain=True)


def _mails(lines: Sequence[_Line]) -> Iterator[Pasted]:
    """Find mails, which go on to the end."""
    before: _Line | None = None
    for line in lines:
        start = None
        if _SENDER.match(line.text) or _FORWARDED.match(line.text):
            start = line.start
        elif _introduces(line.text) and line is not lines[-1]:
            start = line.end
        elif _HEADER.match(line.text):
            start, before = None if before is None else before.start, line
        elif inside := _ADDRESSED.search(line.text):
            start = line.start + inside.start()
        else:
            before = None
        if start is not None:
            yield Pasted(start, lines[-1].end, certain=True)
            return


def _introduces(text: str) -> bool:
    # The pattern takes long for lines without a colon, which are nearly all.
    return text.rstrip().endswith(":") and _ATTRIBUTION.match(text) is not None


def _sent(lines: Sequence[_Line]) -> Iterator[Pasted]:
    """Find what stands above the footer of a mail program."""
    footer = next((line for line in lines if _FOOTER.match(line.text)), None)
    if footer is not None and footer is not lines[0]:
        yield Pasted(_after_own(lines), footer.end, certain=True)


def _chats(lines: Sequence[_Line]) -> Iterator[Pasted]:
    """Find what is copied of chats, which goes on to the end."""
    for line in lines:
        is_head = line is not lines[-1] and _STAMPED_HEAD.match(line.text)
        if is_head or any(form.match(line.text) for form in (_STAMPED, _NICK)):
            yield Pasted(line.start, lines[-1].end, certain=True)
            return
    heads = [line for line in lines[:-1] if _PLAIN_HEAD.match(line.text)]
    if len(heads) > 1:
        yield Pasted(heads[0].start, lines[-1].end, certain=True)
    labeled = [(line, match) for line in lines if (match := _speaks(line.text)) is not None]
    if not labeled:
        return
    sentences = sum(len(match["said"].split()) >= _LEAST_SAID for _, match in labeled)
    if len(labeled) > 1 and 2 * sentences >= len(labeled):
        yield Pasted(labeled[0][0].start, lines[-1].end, certain=True)
        return
    for line, match in labeled:
        # "Bitte merke dir: ..." is no name.
        if not all(word[0].isupper() for word in match["label"].split()):
            continue
        yield Pasted(line.start, line.end, certain=False)


def _speaks(text: str) -> re.Match[str] | None:
    match = _LABELED.match(text)
    if match is None or len(match["label"].split()) > _LIST_ENTRY:
        return None
    if not match["label"][0].isupper() or _OWN_LABEL.fullmatch(match["label"].strip()):
        return None
    return match


def _letters(lines: Sequence[_Line]) -> Iterator[Pasted]:
    """Find letters: between a salutation and what stands under a letter."""
    opening = next((at for at, line in enumerate(lines) if _SALUTATION.match(line.text)), None)
    closing = [at for at, line in enumerate(lines) if at and _CLOSING.match(line.text)]
    if opening is not None and closing and closing[-1] > opening + 1:
        yield Pasted(lines[opening].start, lines[-1].end, certain=True)
        return
    signed = [at for at, line in enumerate(lines) if at and _SIGNED.match(line.text)]
    if closing or signed:
        yield Pasted(_after_own(lines), lines[-1].end, certain=False)
    elif opening is not None and opening + 1 < len(lines) and _named(lines[opening].text):
        yield Pasted(lines[opening].start, lines[-1].end, certain=False)


def _named(salutation: str) -> bool:
    return bool(_TO_SOMEBODY.match(salutation))


def _articles(lines: Sequence[_Line]) -> Iterator[Pasted]:
    """Find articles, posts and reviews by what stands above their text."""
    for at, line in enumerate(lines):
        if _RATED.match(line.text) or (_ADDRESS.match(line.text) and _is_long(lines[at + 1 :])):
            yield Pasted(line.start, lines[-1].end, certain=False)
            return
        if not _is_title(line, above=lines[at - 1] if at else None):
            continue
        below = lines[at + 1 :]
        amounts = sum(bool(_AMOUNT.match(each.text)) for each in below)
        signed = any(_BYLINE.match(each.text) for each in below[:2])
        if signed or amounts > 1 or _is_long(below):
            yield Pasted(line.start, lines[-1].end, certain=False)
            return


def _is_title(line: _Line, above: _Line | None) -> bool:
    text = line.text.strip()
    if above is not None and not above.is_blank:
        return False
    return len(text.split()) > 1 and len(text) <= _LONGEST_TITLE and not _END_MARK.search(text)


def _is_long(lines: Sequence[_Line]) -> bool:
    longest, length = 0, 0
    for line in lines:
        length = 0 if line.is_blank else length + len(line.text)
        longest = max(longest, length)
    return longest >= _LONG


def _pointed_at(lines: Sequence[_Line]) -> Iterator[Pasted]:
    """Find the text that a sentence beside it speaks of, and what somebody is quoted with."""
    for line in lines:
        if (quoted := _SAID_BEFORE.search(line.text)) is not None:
            yield Pasted(line.start + quoted.end(), line.end, certain=False)
    blocks = _blocks(lines)
    pointing = [block for block in blocks if _points(block)]
    if len(blocks) > 1 and pointing:
        for block in blocks:
            if block not in pointing:
                yield Pasted(block[0].start, block[-1].end, certain=False)


def _blocks(lines: Sequence[_Line]) -> list[list[_Line]]:
    """Return the paragraphs; if there is but one, its lines."""
    blocks: list[list[_Line]] = [[]]
    for line in lines:
        if not line.is_blank:
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    blocks = [block for block in blocks if block]
    return [[line] for line in blocks[0]] if len(blocks) == 1 else blocks


def _points(block: Sequence[_Line]) -> bool:
    """Return whether a paragraph asks about a text, or speaks of one, at its beginning or end."""
    text = " ".join(line.text.strip() for line in block)
    return any(_POINTING.search(part) for part in (text[:_ASKED], text[-_ASKED:]))


def _after_own(lines: Sequence[_Line]) -> int:
    """Return where the paragraphs begin that no sentence about a text stands in."""
    for block in _blocks(lines):
        if not _points(block):
            return block[0].start
    return lines[0].start


_BY_FRAMES: tuple[_Finder, ...] = (_quoted, _mails, _sent, _chats, _letters)
_BY_SHAPE: tuple[_Finder, ...] = (_articles, _pointed_at)
"""What these find is never certain, and they take their time for long messages."""
