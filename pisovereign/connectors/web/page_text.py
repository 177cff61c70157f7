"""Making text of a page, in a process that can only compute (`process/confined.py`).

What stands around the text (menus, footers, forms) and what is hidden is left out. Where a page
says which part of it is the article, the rest is left out too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from pisovereign.text.html_text import decode_bytes, is_hidden, visible_text

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

MOST_CHARACTERS = 12_000
_MOST_HTML = 2 * 1024 * 1024
_LONGEST_TITLE = 200
# An article that is shorter is rather a teaser.
_LEAST_ARTICLE = 400
_AROUND = (
    "script, style, noscript, template, nav, header, footer, aside, form, button, iframe, object, "
    "svg, math, canvas, dialog, [role=navigation], [role=banner], [role=contentinfo], "
    "[role=search], [role=dialog], [role=complementary]"
)
_ARTICLES = "article, main, [role=main], [itemprop=articleBody]"
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([\w-]{1,40})""", re.IGNORECASE)
_HEAD_BYTES = 4096
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\n\s*\n+")


class PageText(msgspec.Struct, frozen=True, kw_only=True):
    """The title and the text of a page; `is_cut` says that there is more of it."""

    title: str
    text: str
    is_cut: bool


def prepare() -> None:
    """Load what reading needs."""
    _html("<title>x</title><p>y")
    decode_bytes(b"x", "windows-1252")
    decode_bytes(b"x", "iso-8859-15")


def convert(data: bytes, arguments: list[str]) -> bytes:
    """Return the text of a page: `arguments` are `html` or `plain`, and the charset it names."""
    kind, charset = arguments
    if not charset and kind == "html" and (named := _CHARSET.search(data[:_HEAD_BYTES])):
        charset = named[1].decode("ascii", "replace")
    text = decode_bytes(data, charset or None, cut=True).text
    page = _html(text) if kind == "html" else _cut("", text)
    return msgspec.json.encode(page)


def _html(html: str) -> PageText:
    # Imported here: the program itself only knows what a page's text looks like.
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415

    tree = LexborHTMLParser(html[:_MOST_HTML].replace("\0", ""))
    title = _title(tree)
    for node in tree.css(_AROUND):
        node.decompose()
    for node in tree.css("[hidden], [aria-hidden], [style]"):
        if is_hidden(node):
            node.decompose()
    body = tree.body
    if body is None:
        return PageText(title=title, text="", is_cut=False)
    article = max(tree.css(_ARTICLES), key=_size, default=body)
    best = article if _size(article) >= _LEAST_ARTICLE else body
    text = visible_text(best, MOST_CHARACTERS + 1)
    return _cut(title, text)


def _size(node: LexborNode) -> int:
    return len(node.text(strip=True))


def _title(tree: LexborHTMLParser) -> str:
    found = tree.css_first("title")
    text = found.text(strip=True) if found is not None else ""
    return _plain(" ".join(text.split()))[:_LONGEST_TITLE]


def _cut(title: str, text: str) -> PageText:
    plain = "\n".join(_plain(line).strip() for line in text.splitlines())
    plain = _LINES.sub("\n\n", _BLANKS.sub(" ", plain)).strip()
    return PageText(title=title, text=plain[:MOST_CHARACTERS], is_cut=len(plain) > MOST_CHARACTERS)


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
