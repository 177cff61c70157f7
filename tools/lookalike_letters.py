"""Makes `pisovereign/text/lookalike_letters.txt` of Unicode's list of confusable characters.

    python -m tools.lookalike_letters confusables.txt

That list is at unicode.org/Public/security; PyPI's `confusable_homoglyphs` holds it as JSON, which
is read as well. Kept is what single ASCII letters are taken for, without what NFKC tells anyway.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "pisovereign" / "text" / "lookalike_letters.txt"
HEAD = """\
# An ASCII letter, and letters of other alphabets that look like it.
# From Unicode's confusables.txt (Unicode License v3), by tools/lookalike_letters.py.
"""


def main() -> int:
    """Write the table."""
    found: dict[str, set[str]] = defaultdict(set)
    for letter, like in _pairs(Path(sys.argv[1])):
        if _is_ascii_letter(letter) and _is_kept(like):
            found[like].add(letter)
    table: dict[str, set[str]] = defaultdict(set)
    for like, letters in found.items():
        table[_best(like, letters)].add(like)
    rows = (f"{letter} {''.join(sorted(like))}\n" for letter, like in sorted(table.items()))
    TARGET.write_text(HEAD + "".join(rows), encoding="utf-8")
    return 0


def _pairs(path: Path) -> Iterator[tuple[str, str]]:
    """Yield what is looked like, and what looks like it."""
    text = path.read_text("utf-8-sig")
    if path.suffix == ".json":
        for one, others in json.loads(text).items():
            yield from ((other["c"], one) for other in others)
        return
    for line in text.splitlines():
        fields = line.partition("#")[0].split(";")
        if len(fields) >= 2:
            one, other = ("".join(chr(int(n, 16)) for n in each.split()) for each in fields[:2])
            yield other, one


def _best(like: str, letters: set[str]) -> str:
    """Return the letter of the same case; Unicode counts capital I as looking like l."""
    if like.isupper() and letters == {"l"}:
        return "I"
    return min(letters, key=lambda letter: (letter.isupper() != like.isupper(), letter))


def _is_ascii_letter(text: str) -> bool:
    return len(text) == 1 and text.isascii() and text.isalpha()


def _is_kept(like: str) -> bool:
    """Return whether a character is a letter of usual texts, and not one that NFKC makes ASCII."""
    if len(like) != 1 or like.isascii() or not unicodedata.category(like).startswith("L"):
        return False
    return not unicodedata.normalize("NFKC", like).isascii() and ord(like) < 0x10000


if __name__ == "__main__":
    sys.exit(main())
