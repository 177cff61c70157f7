"""HTML to the text that a reader of it would see.

The parser is Lexbor's, which reads HTML as browsers do, broken as it may be. No HTML leaves here:
only text does, and what an author hid from the reader's eyes is left out of it, as far as the
element itself says so; style sheets are not evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

_UNSEEN = frozenset(
    {
        "applet", "audio", "button", "canvas", "datalist", "dialog", "embed", "frame", "frameset",
        "head", "iframe", "input", "link", "map", "math", "meta", "noframes", "object",
        "script", "select", "style", "svg", "template", "textarea", "title", "video",
    }
)  # fmt: skip
_BLOCKS = frozenset(
    {
        "address", "article", "aside", "blockquote", "br", "caption", "center", "dd", "details",
        "div", "dl", "dt", "fieldset", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5",
        "h6", "header", "hr", "legend", "li", "main", "nav", "ol", "p", "pre", "section", "summary",
        "table", "tbody", "tfoot", "thead", "tr", "ul",
    }
)  # fmt: skip
_CELLS = frozenset({"td", "th"})
_ZERO = r"0*(?:\.0*)?(?:px|pt|em|rem|%)?"
_HIDING = re.compile(
    r"(?:^|;)(?:"
    r"display:none|visibility:(?:hidden|collapse)|mso-hide:all"
    rf"|(?:font-size|opacity|max-height|max-width|height|width):{_ZERO}(?:!important)?(?:;|$)"
    r"|(?:text-indent|left|top|margin-left|margin-top):-\d{3,}"
    r"|color:(?:transparent|rgba\([^)]*,0*\.?0*\))"
    r")"
)
_COLOR = re.compile(r"(?:^|;)color:([^;!]+)")
_BACKGROUND = re.compile(r"(?:^|;)background(?:-color)?:([^;!]+)")
_LONGEST_STYLE = 1_000
_SPACE = re.compile(r"\s+")
# The parser takes the square of the depth, and the depth is at most a fifth of the length.
LONGEST = 64 * 1024
_MOST_NODES = 20_000


def to_text(html: str, most: int) -> str:
    """The visible text of at most `LONGEST` characters of HTML, with line ends where blocks end.

    It stops at about `most` characters.
    """
    root = LexborHTMLParser(html[:LONGEST].replace("\0", "")).root
    pieces: list[str] = []
    size = 0
    for piece in _pieces(root) if root is not None else ():
        pieces.append(piece)
        size += len(piece.strip())
        if size > most:
            break
    return "".join(pieces)


def _pieces(root: LexborNode) -> Iterator[str]:
    node: LexborNode | None = root
    for _ in range(_MOST_NODES):
        if node is None:
            return
        tag = node.tag or ""
        if tag == "-text":
            yield _SPACE.sub(" ", node.text_content or "")
        elif tag in _BLOCKS:
            yield "\n"
        below = None if tag in _UNSEEN or _is_hidden(node) else node.first_child
        if below is not None:
            node = below
            continue
        while node is not None and node.next is None:
            node = node.parent
            yield _end(node)
        node = node.next if node is not None else None


def _end(node: LexborNode | None) -> str:
    tag = (node.tag if node is not None else None) or ""
    if tag in _BLOCKS:
        return "\n"
    return " " if tag in _CELLS else ""


def _is_hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    if not attributes:
        return False
    if "hidden" in attributes or (attributes.get("aria-hidden") or "").lower() == "true":
        return True
    style = attributes.get("style") or ""
    return _hides("".join(style[:_LONGEST_STYLE].lower().split()))


def _hides(style: str) -> bool:
    if _HIDING.search(style):
        return True
    color, background = _COLOR.search(style), _BACKGROUND.search(style)
    return bool(color and background and color[1] == background[1])
