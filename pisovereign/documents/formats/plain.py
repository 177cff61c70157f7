"""Plain text and Markdown."""

from __future__ import annotations

import re

from pisovereign.documents.formats.parsed import Collector, Parsed

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_BREAK = re.compile(r"\n[ \t]*\n")


def decode(data: bytes) -> str:
    """Return the text of bytes whose charset nobody tells."""
    for mark, name in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(name, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def parse_text(data: bytes) -> Parsed:
    """Return the paragraphs of plain text: what empty lines part, and pages by form feeds."""
    out = Collector()
    pages = _normal(decode(data)).split("\f")
    for number, page in enumerate(pages, 1):
        for paragraph in _BREAK.split(page):
            out.add(paragraph, page=number if len(pages) > 1 else 0)
    return Parsed(out.blocks, pages=len(pages) if len(pages) > 1 else 0)


def parse_markdown(data: bytes) -> Parsed:
    """Return paragraphs and headings; other marks stay as they are, since people read them."""
    out, paragraph, fence = Collector(), list[str](), ""
    title = ""

    def end() -> None:
        out.add("\n".join(paragraph))
        paragraph.clear()

    for line in _normal(decode(data)).split("\n"):
        mark = _FENCE.match(line)
        if fence or mark:
            paragraph.append(line)
            if mark and not fence:
                fence = mark[1]
            elif mark and mark[1] == fence:
                fence = ""
        elif not line.strip():
            end()
        elif heading := _HEADING.match(line):
            end()
            title = title or (heading[2] if heading[1] == "#" else "")
            out.add(heading[2], level=len(heading[1]))
        elif len(paragraph) == 1 and (under := _UNDERLINE.match(line)):
            text = paragraph.pop()
            title = title or (text if under[1][0] == "=" else "")
            out.add(text, level=1 if under[1][0] == "=" else 2)
        else:
            paragraph.append(line)
    end()
    return Parsed(out.blocks, title=title)


def _normal(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
