"""Text out of the bytes and the HTML of strangers.

Bytes become text by the charset that fits, whatever a mail says. Only charsets are decoded with:
Python's other codecs are slow on some input (`punycode`) or no charsets at all (`unicode_escape`).
Names are read as browsers read them, as supersets: what says ISO-8859-1 is Windows-1252.

HTML is parsed by Lexbor, as browsers do, broken as it may be. No HTML leaves here: only text does,
and what an author hid from the reader's eyes is left out of it, as far as the element itself says
so; style sheets are not evaluated.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_CHARSET = re.compile(
    r"utf-(?:7|8|16|32)(?:-[bl]e)?|iso8859-\d+|cp\d+|koi8-[rtu]|mac-\w+|big5hkscs|gb18030|hz"
    r"|euc_\w+|shift_jis\w*|iso2022_\w+|johab|tis-620|ptcp154|kz1048|hp-roman8"
)
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
}
# Names that mailers write and Python does not know.
_OTHER_NAMES = {
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-6-i": "iso8859-6",
    "iso-8859-6-e": "iso8859-6",
    "x-sjis": "cp932",
    "x-gbk": "gb18030",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
    "windows-874": "cp874",
    "ks_c_5601": "cp949",
    "cp-850": "cp850",
}
_FALLBACK = "cp1252"
_UNREADABLE = "\ufffd"
_LONGEST_NAME = 40
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
LONGEST_HTML = 64 * 1024
_MOST_NODES = 20_000


class DecodedText(NamedTuple):
    """Text, and whether every byte of it could be decoded."""

    text: str
    whole: bool


def decode_bytes(data: bytes, declared: str | None, *, cut: bool = False) -> DecodedText:
    """Decode `data` in the charset that fits.

    UTF-8 is taken wherever it fits: text of another charset that is also UTF-8 by chance, and not
    ASCII, practically does not occur, and wrong declarations do. `cut` says that the end of the
    data may be missing, in the middle of a character.
    """
    name = _codec(declared)
    if not _is_stateful(name) and (text := _strict(data, "utf-8", cut)) is not None:
        return DecodedText(text, whole=True)
    if name is not None and (text := _strict(data, name, cut)) is not None:
        return DecodedText(text, whole=True)
    text = data.decode(name or _FALLBACK, errors="replace")
    if name == "utf-8" and text.count(_UNREADABLE) > sum(c > "\x7f" for c in text) // 2:
        text = data.decode(_FALLBACK, errors="replace")  # it only says that it is UTF-8
    return DecodedText(text, whole=False)


def _codec(declared: str | None) -> str | None:
    """Return Python's name of a charset; None when there is no such charset."""
    name = (declared or "").strip(" \t\"'").lower()
    if not name or len(name) > _LONGEST_NAME or not name.isascii() or "\0" in name:
        return None
    try:
        found = codecs.lookup(_OTHER_NAMES.get(name, name)).name
    except LookupError:
        return None
    found = _SUPERSETS.get(found, found)
    return found if _CHARSET.fullmatch(found) else None


def _is_stateful(name: str | None) -> bool:
    """Return whether text in this charset is mere ASCII or holds NUL, and so looks like UTF-8."""
    return name is not None and name.startswith(("iso2022", "hz", "utf-7", "utf-16", "utf-32"))


def _strict(data: bytes, name: str, cut: bool) -> str | None:
    try:
        return codecs.getincrementaldecoder(name)("strict").decode(data, not cut)
    except UnicodeError:
        return None


def html_to_text(html: str, most: int) -> str:
    """Return the visible text of HTML, with line ends where blocks end.

    At most `LONGEST_HTML` characters of HTML are read; the text ends after about `most` of its own.
    """
    # Imported here, since many have no mail.
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415

    root = LexborHTMLParser(html[:LONGEST_HTML].replace("\0", "")).root
    return visible_text(root, most) if root is not None else ""


def visible_text(root: LexborNode, most: int) -> str:
    """Return about `most` of the visible text of an element, with line ends where blocks end."""
    pieces: list[str] = []
    size = 0
    for piece in _pieces(root):
        pieces.append(piece)
        size += len(piece.strip())
        if size > most:
            break
    return "".join(pieces)


def _pieces(root: LexborNode) -> Iterator[str]:
    node: LexborNode | None = root
    top = root.mem_id  # comparing nodes themselves writes out all that is below them
    for _ in range(_MOST_NODES):
        if node is None:
            return
        tag = node.tag or ""
        if tag == "-text":
            yield _SPACE.sub(" ", node.text_content or "")
        elif tag in _BLOCKS:
            yield "\n"
        below = None if tag in _UNSEEN or is_hidden(node) else node.first_child
        if below is not None:
            node = below
            continue
        while node is not None and node.mem_id != top and node.next is None:
            node = node.parent
            yield _end(node)
        node = node.next if node is not None and node.mem_id != top else None


def _end(node: LexborNode | None) -> str:
    tag = (node.tag if node is not None else None) or ""
    if tag in _BLOCKS:
        return "\n"
    return " " if tag in _CELLS else ""


def is_hidden(node: LexborNode) -> bool:
    """Return whether an element says of itself that it is not seen."""
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
