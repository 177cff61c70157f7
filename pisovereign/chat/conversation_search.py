"""Searching in what was said: messages are sealed, so each is opened and read, the newest first.

Nothing more of them is readable in the database for that, as it would be with an index of words.
One search reads a bounded number of messages, and says from where the next one goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from pisovereign.chat.conversation_store import ConversationStore, StoredText
from pisovereign.chat.cursors import Seq, read_cursor, write_cursor
from pisovereign.chat.history_types import (
    ConversationSummary,
    FoundConversation,
    FoundMessage,
    MessageSearch,
    SearchResult,
)
from pisovereign.languages.words import caseless

_AT_ONCE = 500
_MOST = 5_000
"""Messages that one search reads."""
_MOST_NAMED = 2_000
_MOST_OF_ONE = 3
"""Messages that are shown of one conversation."""
_AROUND = 60
"""Characters that are shown before and behind the first word."""


class SearchPlace(NamedTuple):
    """Where a search ended: before this message."""

    seq: Seq


class ConversationSearch:
    """Searches in titles and texts.

    Args:
        store: Where they are.
    """

    def __init__(self, store: ConversationStore) -> None:
        self._store = store

    async def search(self, user: UUID, search: MessageSearch) -> SearchResult:
        """Return the conversations that have all words of a search in one message, or the title.

        Raises:
            ValidationFailed: the cursor is none.
        """
        words = caseless(search.query).split()
        matches: dict[str, list[FoundMessage]] = {}
        known: dict[str, ConversationSummary] = {}
        before = None
        if search.cursor is None:
            named = await self._store.named(user, _MOST_NAMED)
            known = {one.id: one for one in named if has_all(caseless(one.title), words)}
            matches = {one: [] for one in known}
        else:
            before = read_cursor(search.cursor, SearchPlace).seq
        searched = 0
        while searched < _MOST and len(matches) < search.limit:
            texts = await self._store.texts(user, before, _AT_ONCE)
            # Caseless forms of long texts take their time, and others wait for their answers.
            found = await asyncio.to_thread(_matching, texts, words)
            full = _add(matches, found, search.limit)
            if full is None and len(texts) < _AT_ONCE:
                searched += len(texts)
                before = None
                break
            before = texts[-1].seq if full is None else full
            searched += sum(text.seq >= before for text in texts)
        return await self._result(user, matches, known, searched, before)

    async def _result(
        self,
        user: UUID,
        matches: dict[str, list[FoundMessage]],
        known: dict[str, ConversationSummary],
        searched: int,
        before: int | None,
    ) -> SearchResult:
        unknown = [one for one in matches if one not in known]
        if unknown:
            known = known | await self._store.summaries(user, unknown)
        return SearchResult(
            found=[
                FoundConversation(conversation=known[one], messages=messages)
                for one, messages in matches.items()
                if one in known  # deleted meanwhile otherwise
            ],
            searched=searched,
            cursor=None if before is None else write_cursor((before,)),
        )


def has_all(text: str, words: Sequence[str]) -> bool:
    """Return whether a caseless text has all of some words, also as parts of words."""
    return all(word in text for word in words)


def _matching(texts: Sequence[StoredText], words: Sequence[str]) -> list[StoredText]:
    """Return the messages that have all words, each with its excerpt in place of its text."""
    return [
        text._replace(text=excerpt(text.text, words))
        for text in texts
        if has_all(caseless(text.text), words)
    ]


def _add(
    matches: dict[str, list[FoundMessage]], found: Sequence[StoredText], most: int
) -> int | None:
    """Add messages to what was found; return where to go on if there is no room for all of them."""
    for text in found:
        if text.conversation not in matches and len(matches) >= most:
            return text.seq + 1
        shown = matches.setdefault(text.conversation, [])
        if len(shown) < _MOST_OF_ONE:
            shown.append(
                FoundMessage(
                    id=text.id, role=text.role, excerpt=text.text, created_at=text.created_at
                )
            )
    return None


def excerpt(text: str, words: Sequence[str]) -> str:
    """Return the part of a text around the first word that it has, on one line."""
    line = " ".join(text.split())
    low = caseless(line)
    at = min((low.find(word) for word in words if word in low), default=0)
    # Caseless forms may be longer than what they are made of: a rough place is good enough.
    at = min(at, len(line))
    start, end = max(0, at - _AROUND), min(len(line), at + 2 * _AROUND)
    if start > 0:
        start = line.find(" ", start, at) + 1 or start
    return ("…" if start else "") + line[start:end].strip() + ("…" if end < len(line) else "")
