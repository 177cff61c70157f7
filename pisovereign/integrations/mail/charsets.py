"""Bytes to text, whatever a mail says that its charset is.

Only charsets are decoded with: Python's other codecs are slow on some input (`punycode`) or no
charsets at all (`unicode_escape`). Names are read as browsers read them, as supersets:
what says ISO-8859-1 is Windows-1252.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

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


class Decoded(NamedTuple):
    """Text, and whether every byte of it could be read."""

    text: str
    whole: bool


def decode(data: bytes, declared: str | None, *, cut: bool = False) -> Decoded:
    """Read `data` in the charset that fits.

    UTF-8 is taken wherever it fits: text of another charset that is also UTF-8 by chance, and not
    ASCII, practically does not occur, and wrong declarations do. `cut` says that the end of the
    data may be missing, in the middle of a character.
    """
    name = _codec(declared)
    if not _is_stateful(name) and (text := _strict(data, "utf-8", cut)) is not None:
        return Decoded(text, whole=True)
    if name is not None and (text := _strict(data, name, cut)) is not None:
        return Decoded(text, whole=True)
    text = data.decode(name or _FALLBACK, errors="replace")
    if name == "utf-8" and text.count(_UNREADABLE) > sum(c > "\x7f" for c in text) // 2:
        text = data.decode(_FALLBACK, errors="replace")  # it only says that it is UTF-8
    return Decoded(text, whole=False)


def _codec(declared: str | None) -> str | None:
    """Python's name of a charset; None when there is no such charset."""
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
    """Whether text in this charset is mere ASCII bytes, or holds NUL, and so looks like UTF-8."""
    return name is not None and name.startswith(("iso2022", "hz", "utf-7", "utf-16", "utf-32"))


def _strict(data: bytes, name: str, cut: bool) -> str | None:
    try:
        return codecs.getincrementaldecoder(name)("strict").decode(data, not cut)
    except UnicodeError:
        return None
