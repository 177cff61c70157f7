"""Text that others wrote, where it is quoted: it cannot leave the line that it stands in."""

from __future__ import annotations

# With these no text can write a tag, also not one of a model's own format.
_NEUTRAL = str.maketrans({"<": "‹", "＜": "‹", "﹤": "‹", ">": "›", "＞": "›", "﹥": "›"})


def plain(text: str) -> str:
    """The text without tags, and with spaces for invisible characters and line breaks."""
    printable = "".join(c if c.isprintable() or c == "\u200d" else " " for c in text)
    return printable.translate(_NEUTRAL)


def one_line(text: str, most: int | None = None) -> str:
    """The text in one line without tags and invisible characters, cut to `most` characters."""
    line = " ".join(plain(text).split())
    return line if most is None or len(line) <= most else f"{line[: most - 1]}…"
