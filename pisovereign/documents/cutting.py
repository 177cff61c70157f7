"""Cutting a document's text into passages: by headings, paragraphs and pages.

A passage is about what an embedding model reads of a text, and what a person looks at. Paragraphs
stay whole where they can; short ones are put together, long ones parted between sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pisovereign.documents.formats.parsed import Block

ENOUGH = 400
"""Characters: a paragraph of so many is a passage by itself."""
MOST = 1_400
"""Characters of a passage."""
MOST_OF_HEADING = 120
_SENTENCE = re.compile(r"(?<=[.!?…;])[\"'”“»)]?\s+|\n")
_SPACE = re.compile(r"\s+")


class Cut(NamedTuple):
    """A passage: its text, the headings above it, the highest first, and its page."""

    text: str
    headings: tuple[str, ...]
    page: int


def cut(blocks: Sequence[Block]) -> list[Cut]:
    """Return the passages of a document, in order."""
    return list(_passages(blocks))


def _passages(blocks: Sequence[Block]) -> Iterator[Cut]:
    path: list[tuple[int, str]] = []
    waiting: list[Block] = []
    bare = False  # the last heading has nothing below it yet

    def taken() -> Iterator[Cut]:
        if waiting:
            headings = tuple(text for _, text in path)
            for text in _parts("\n".join(block.text for block in waiting)):
                yield Cut(text, headings, waiting[0].page)
            waiting.clear()

    for block in blocks:
        if block.level:
            yield from taken()
            path = [(level, text) for level, text in path if level < block.level]
            path.append((block.level, " ".join(block.text.split())[:MOST_OF_HEADING]))
            bare = True
            continue
        bare = False
        size = sum(len(each.text) for each in waiting)
        full = size >= ENOUGH or size + len(block.text) > MOST
        if waiting and (full or len(block.text) >= ENOUGH or block.page != waiting[0].page):
            yield from taken()
        waiting.append(block)
    yield from taken()
    if bare and path:
        yield Cut(path[-1][1], tuple(text for _, text in path[:-1]), 0)


def _parts(text: str) -> Iterator[str]:
    """Yield a text in parts of about the same length, none longer than a passage may be."""
    if len(text) <= MOST:
        yield text
        return
    count = -(-len(text) // MOST)
    aim = len(text) // count + 1
    part = ""
    for sentence in _sentences(text):
        if part and len(part) + len(sentence) > min(MOST, aim + len(sentence) // 2):
            yield part
            part = ""
        part = f"{part} {sentence}" if part else sentence
    if part:
        yield part


def _sentences(text: str) -> Iterator[str]:
    for sentence in _SENTENCE.split(text):
        rest = sentence.strip()
        while len(rest) > MOST:
            at = rest.rfind(" ", MOST // 2, MOST)
            at = MOST if at < 0 else at
            yield rest[:at]
            rest = rest[at:].lstrip()
        if rest:
            yield rest


def excerpt(text: str, wanted: Sequence[int], sentences: Sequence[str], most: int) -> str:
    """Return the sentences in a row, up to `most` characters, that hold most of what is wanted.

    Args:
        text: The whole text.
        wanted: Of each sentence, how much of what is wanted it holds.
        sentences: Of the text.
        most: Characters.
    """
    if len(text) <= most:
        return text
    best, found = (0, 1), -1
    for start in range(len(sentences)):
        size, end = 0, start
        while end < len(sentences) and size + len(sentences[end]) + 1 <= most:
            size += len(sentences[end]) + 1
            end += 1
        count = sum(wanted[start : max(end, start + 1)])
        if count > found:
            best, found = (start, max(end, start + 1)), count
    shown = " ".join(sentences[best[0] : best[1]])
    shown = shown if len(shown) <= most else f"{shown[: most - 1]}…"
    before, after = "… " if best[0] else "", " …" if best[1] < len(sentences) else ""
    return f"{before}{shown}{after}"


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a text."""
    return [" ".join(_SPACE.split(each)) for each in _SENTENCE.split(text) if each.strip()]
