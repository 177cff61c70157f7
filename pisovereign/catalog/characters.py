"""Which characters the text of a command may hold.

What an approval shows must be what runs, so nothing may be invisible, turn the direction of the
text around, or look like another character. Left are printable ASCII and the letters of Western
and Central European names.
"""

from __future__ import annotations

import unicodedata


def bad_character(text: str) -> str | None:
    """Return the first character that is not allowed, in printable form; None if all are."""
    return next((f"U+{ord(char):04X}" for char in text if not _allowed(char)), None)


def one_visible_line(value: str) -> str | None:
    """Refuse names and descriptions that could show something else than they hold."""
    for char in value:
        if unicodedata.category(char) in _INVISIBLE:
            return f"cannot hold the character U+{ord(char):04X}"
    return None


# Control, format, surrogate, private use, line and paragraph separators.
_INVISIBLE = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


def _allowed(char: str) -> bool:
    if " " <= char <= "~":
        return True
    # Letters with and without marks, but none that is another way to write something else.
    latin = "\u00c0" <= char <= "\u017f" and char.isalpha()
    return latin and unicodedata.normalize("NFKC", char) == char
