"""PDF, by PDFium: paragraphs by the gaps between lines, with their pages."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from pypdfium2 import PdfDocument, PdfiumError, PdfPage
from pypdfium2.raw import FPDF_ERR_PASSWORD, FPDFText_GetFontSize

from pisovereign.documents.formats.parsed import ENCRYPTED, Collector, Parsed, Unreadable

MOST_PAGES = 5_000
# Of the usual distance of two lines: a wider one ends a paragraph.
_GAP = 1.45
# Of the usual height of letters: larger ones make a heading.
_LARGE = 1.15
_LONGEST_HEADING = 120
_SOFT_HYPHEN = "\u00ad\u0002\ufffe"


class _Line(NamedTuple):
    """A line of a page: its text, where it stands, and the size of its letters, in points."""

    text: str
    bottom: float
    size: float


def prepare() -> None:
    """Load what reading needs."""
    document = PdfDocument.new()
    page = document.new_page(100, 100)
    page.get_textpage().get_text_bounded()
    document.close()


def parse_pdf(data: bytes) -> Parsed:
    """Return the paragraphs of a PDF.

    Raises:
        Unreadable: it is broken, encrypted, too long, or has no text.
    """
    document = _open(data)
    if len(document) > MOST_PAGES:
        raise Unreadable(f"it has more than {MOST_PAGES} pages")
    out = Collector()
    for number in range(len(document)):
        try:
            page = document[number]
            _read(page, number + 1, out)
            page.close()
        except PdfiumError:
            continue  # one broken page does not take the others along
    if not out.blocks:
        raise Unreadable("it has no text: its pages are pictures")
    title = document.get_metadata_dict().get("Title", "")
    return Parsed(out.blocks, title=title, pages=len(document))


def _open(data: bytes) -> PdfDocument:
    try:
        return PdfDocument(data)
    except PdfiumError as error:
        if error.err_code == FPDF_ERR_PASSWORD:
            raise Unreadable(ENCRYPTED) from None
        raise Unreadable("it is no PDF that can be read") from None


def _read(page: PdfPage, number: int, out: Collector) -> None:
    lines = list(_lines(page))
    if not lines:
        return
    size = statistics.median(line.size for line in lines)
    steps = [one.bottom - two.bottom for one, two in pairwise(lines)]
    down = [step for step in steps if 0.5 * size < step < 3 * size]
    usual = statistics.median_low(down) if down else size
    paragraph: list[str] = []
    for place, line in enumerate(lines):
        step = steps[place - 1] if place else 0.0
        large = line.size > _LARGE * size and len(line.text) <= _LONGEST_HEADING
        if paragraph and (large or step < -usual or step > _GAP * usual):
            out.add(_joined(paragraph), page=number)
            paragraph.clear()
        if large:
            out.add(line.text, level=2, page=number)
        else:
            paragraph.append(line.text)
    out.add(_joined(paragraph), page=number)


def _lines(page: PdfPage) -> Iterator[_Line]:
    """Yield the lines of a page in the order in which they are written."""
    text_page = page.get_textpage()
    try:
        for place in range(text_page.count_rects()):
            left, bottom, right, top = text_page.get_rect(place)
            text = text_page.get_text_bounded(left, bottom, right, top)
            if text := " ".join(text.replace("\0", " ").split()):
                middle = (bottom + top) / 2
                letter = text_page.get_index(left + 1, middle, 4, 4)
                size = 0.0 if letter is None else FPDFText_GetFontSize(text_page, letter)
                # Where the font says nothing, because the page is scaled, its letters do.
                yield _Line(text, bottom, size if size > 1.5 else top - bottom)
    finally:
        text_page.close()


def _joined(lines: list[str]) -> str:
    """Return a paragraph of lines, whose words may be parted at their ends."""
    text = ""
    for line in lines:
        if text.endswith(tuple(_SOFT_HYPHEN)) or (
            text.endswith("-") and text[-2:-1].isalpha() and line[:1].islower()
        ):
            text = text[:-1] + line
        else:
            text = f"{text} {line}" if text else line
    return text
