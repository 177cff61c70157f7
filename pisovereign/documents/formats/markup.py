"""HTML, by Lexbor: visible text by its headings and blocks, no markup."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pisovereign.documents.formats.parsed import MOST_DEPTH, Collector, Parsed, Unreadable
from pisovereign.documents.formats.plain import decode

# The parser takes the square of the depth.
_LONGEST = 4_000_000
_MOST_NODES = 400_000
_UNSEEN = frozenset(
    {
        "applet", "audio", "button", "canvas", "datalist", "dialog", "embed", "frame", "frameset",
        "head", "iframe", "input", "link", "map", "math", "meta", "noframes", "noscript", "object",
        "script", "select", "style", "svg", "template", "textarea", "title", "video",
    }
)  # fmt: skip
_BLOCKS = frozenset(
    {
        "address", "article", "aside", "blockquote", "caption", "center", "dd", "details", "div",
        "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hr", "legend",
        "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot",
        "thead", "tr", "ul",
    }
)  # fmt: skip
_HEADING = re.compile(r"h([1-6])")
_CHARSET = re.compile(
    rb"""<meta[^>]{0,200}charset\s*=\s*["']?([A-Za-z0-9_-]{1,40})""", re.IGNORECASE
)
_CHARSETS = frozenset(
    {"iso-8859-1", "iso-8859-15", "windows-1252", "windows-1250", "utf-16", "utf-8", "us-ascii"}
)
_SPACE = re.compile(r"\s+")
_HIDING = re.compile(r"display:none|visibility:hidden|font-size:0(?![.\d])|opacity:0(?![.\d])")


def parse_html(data: bytes) -> Parsed:
    """Return the visible text of HTML.

    Raises:
        Unreadable: it is too long, or nested too deeply.
    """
    html = _decoded(data)
    if len(html) > _LONGEST:
        raise Unreadable("it holds more markup than can be read")
    parser = LexborHTMLParser(html.replace("\0", ""))
    title = parser.css_first("title")
    out = Collector()
    if parser.root is not None:
        for text, level in _blocks(parser.root):
            out.add(text, level=level)
    return Parsed(out.blocks, title="" if title is None else " ".join(title.text().split()))


def _decoded(data: bytes) -> str:
    found = _CHARSET.search(data[:2048])
    name = found[1].decode().lower() if found else ""
    if name in _CHARSETS and name not in ("utf-8", "utf-16"):
        return data.decode("cp1252" if name in ("iso-8859-1", "us-ascii") else name, "replace")
    return decode(data)


def _blocks(root: LexborNode) -> Iterator[tuple[str, int]]:
    """Yield the text of each block, and its level if it is a heading."""
    node: LexborNode | None = root
    pieces: list[str] = []
    level = depth = 0
    for _ in range(_MOST_NODES):
        if node is None:
            break
        tag = node.tag or ""
        heading = _HEADING.fullmatch(tag)
        if tag == "-text":
            pieces.append(_SPACE.sub(" ", node.text_content or ""))
        elif tag == "br":
            pieces.append("\n")
        elif heading or tag in _BLOCKS:
            yield "".join(pieces), level
            pieces.clear()
            level = int(heading[1]) if heading else 0
        below = None if tag in _UNSEEN or _is_hidden(node) else node.first_child
        if below is not None:
            node, depth = below, depth + 1
            if depth > MOST_DEPTH:
                raise Unreadable("its elements are nested too deeply")
            continue
        while node is not None and node.next is None:
            node, depth = node.parent, depth - 1
            closed = (node.tag if node is not None else None) or ""
            if closed in _BLOCKS or _HEADING.fullmatch(closed):
                yield "".join(pieces), level
                pieces.clear()
                level = 0
            elif closed in ("td", "th"):
                pieces.append(" | ")
        node = node.next if node is not None else None
    else:
        raise Unreadable("it holds more markup than can be read")
    yield "".join(pieces), level


def _is_hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    if not attributes:
        return False
    if "hidden" in attributes or (attributes.get("aria-hidden") or "").lower() == "true":
        return True
    style = attributes.get("style") or ""
    return bool(_HIDING.search("".join(style[:1000].lower().split())))
