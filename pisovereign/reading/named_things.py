"""Places, lists and their entries that a sentence names."""

from __future__ import annotations

from pisovereign.reading.partial_commands import Wording

_MOST_PLACE_WORDS = 4
_MOST_ITEMS = 50


def place(wording: Wording) -> str | None:
    """Return the place that is named; None: none is."""
    if named := wording.text("place"):
        return named
    found = wording.forms.signal("place", wording.request.cut)
    if found is None:
        return None
    words = wording.reader.clean(wording.request.words(found[1]["place"]), articles=False)
    short = 0 < len(words.split()) <= _MOST_PLACE_WORDS
    return words if short and wording.forms.signal("no_place", words.lower()) is None else None


def items(wording: Wording) -> tuple[str, ...]:
    """Return the entries of a list that are named, no more than one sentence may have."""
    text = wording.about("items")
    parts = wording.forms.split(text)[:_MOST_ITEMS] if text else ()
    return tuple(wording.reader.clean(part) or part for part in parts)


def list_name(wording: Wording) -> str | None:
    """Return what the list is called that is named; None: none is."""
    if wording.spans is not None:
        return wording.text("list")
    found = wording.forms.list_name(wording.request.cut)
    return wording.reader.clean(wording.request.words(found)) or None if found else None
