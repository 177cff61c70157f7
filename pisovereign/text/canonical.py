"""One form of each text that a person decides about, in which nothing hides.

What is approved must be what is seen. So text that somebody asks for something with is brought
into this form once, before it is sealed, and from there on shown and done alike: characters that
turn the direction of a line around or take no room are taken out, those that only look like a
blank become one, and no run of blanks or empty lines is long enough to push an end out of sight.
What must not be changed, as what a calendar's server sent, is shown by `visible` instead.
"""

from __future__ import annotations

import re
import unicodedata

# Taken out: marks of direction, what takes no room, and invisible copies of other letters.
_HIDDEN = (
    "\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f"  # controls, but for tabs and line ends
    "\u00ad\u034f\u061c\u17b4\u17b5\u180b-\u180f"
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# Between others these two join letters and pictures, as some scripts need it.
_JOINERS = "\u200c\u200d"
# Letters without ink, and spaces of other widths.
_BLANK = (
    "\u00a0\u115f\u1160\u1680\u2000-\u200a\u202f\u205f\u2800\u3000\u3164"
    "\uffa0\U0001d159\ufe00-\ufe0d"
)
_LINE_ENDS = re.compile("\r\n|[\r\u000b\u000c\u0085\u2028\u2029]")
_LONE_JOINERS = re.compile(
    f"(?:^|(?<=[\\x00-\\x7f]))[{_JOINERS}]+|[{_JOINERS}]+(?=$|[\\x00-\\x7f])"
)
_REPEATED_JOINERS = re.compile(f"([{_JOINERS}])[{_JOINERS}]+")
# Pictures are joined by two such characters; more in a row say nothing.
_LONG_RUNS = re.compile(f"(?<=[{_JOINERS}\ufe0e\ufe0f]{{2}})[{_JOINERS}\ufe0e\ufe0f]+")
_BLANKS = re.compile(f"[{_BLANK}]")
_REMOVED = re.compile(f"[{_HIDDEN}]")
# Pictures and digits may be followed by one of these two, which say how they are drawn.
_STYLES = re.compile("(?:^|(?<=[\\s\ufe0e\ufe0f]))[\ufe0e\ufe0f]+")
MOST_BLANKS = 8
"""In a row; more are cut to that."""
MOST_MARKS = 4
"""On one letter."""
_LONG_BLANKS = re.compile(f"[ \t]{{{MOST_BLANKS},}}")
_LINE_TAILS = re.compile("[ \t]+(?=\n|$)")
_EMPTY_LINES = re.compile("\n{4,}")
_SHOWN = re.compile(
    f"[{_HIDDEN}{_BLANK}{_JOINERS}\ufe0e\ufe0f\r\u000b\u000c\u0085\u2028\u2029\ud800-\udfff]"
    f"|[ \t]{{{MOST_BLANKS + 1},}}"
)
# What many pictures are written with is no trick.
_PICTURE = re.compile("(?<=[\u2190-\u2bff\u3030\u303d\U0001f000-\U0001faff])[\u200d\ufe0e\ufe0f]")


def canonical(text: str) -> str:
    """Return the text as it is sealed, shown and done; its lines stay lines.

    Doing it again changes nothing.
    """
    text = _LINE_ENDS.sub("\n", text)
    while (cleaner := _without_hidden(text)) != text:
        text = cleaner  # what stands side by side only now may hide or join once more
    text = _LONG_BLANKS.sub(" " * MOST_BLANKS, text)
    return _EMPTY_LINES.sub("\n\n\n", _LINE_TAILS.sub("", text))


def canonical_line(text: str) -> str:
    """Return the same on one line, with single blanks."""
    return " ".join(canonical(text).split())


def visible(text: str) -> str:
    """Return the text with what hides in it written out, as ⟨U+202E⟩ or ⟨40 ␣⟩."""

    def written(match: re.Match[str]) -> str:
        found = match[0]
        if found[0] in " \t":
            return f"⟨{len(found)} ␣⟩"
        return "".join(f"⟨U+{ord(char):04X}⟩" for char in found)

    kept = [match.span() for match in _PICTURE.finditer(text)]
    if not kept:
        return _SHOWN.sub(written, text)
    pieces, at = [], 0
    for start, end in kept:
        pieces += [_SHOWN.sub(written, text[at:start]), text[start:end]]
        at = end
    return "".join((*pieces, _SHOWN.sub(written, text[at:])))


def _without_hidden(text: str) -> str:
    text = unicodedata.normalize("NFC", text)
    text = _BLANKS.sub(" ", _REMOVED.sub("", text))
    text = _LONG_RUNS.sub("", text)
    text = _REPEATED_JOINERS.sub(r"\1", text)
    text = _LONE_JOINERS.sub("", text)
    return _few_marks(_STYLES.sub("", text))


def _few_marks(text: str) -> str:
    """Return the text with at most so many marks on a letter that they cover no other one."""
    if text.isascii():
        return text
    kept, marks = [], 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if marks <= MOST_MARKS:
            kept.append(char)
    return "".join(kept)
