"""Searching the user's documents."""

from __future__ import annotations

import msgspec

from pisovereign.actions.action import DirectAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.intent import ModelTool
from pisovereign.actions.spec import ActionSpec
from pisovereign.documents.types import DocumentSearch, FoundPassage
from pisovereign.languages.messages import Clock, Messages


class FoundPassages(msgspec.Struct, frozen=True, kw_only=True):
    """The passages of documents that fit a question best."""

    passages: list[FoundPassage]


class SearchDocumentsAction(DirectAction[DocumentSearch, FoundPassages]):
    """Searches documents, for models; people have routes of their own for it."""

    spec = ActionSpec(
        name="search_documents",
        type=DocumentSearch,
        result=FoundPassages,
        sources=("documents",),
        clients=frozenset(("agents", "mcp")),
        model=ModelTool(
            "Search the user's own documents: contracts, manuals, letters. "
            "Gives passages with document and page.",
            {"q": "What to look for, in a few words"},
            everybodys=True,
        ),
    )

    async def run(self, caller: Caller, command: DocumentSearch) -> FoundPassages:
        """Return the passages that fit a question best."""
        found = await self._backends.documents.search(caller.identity.user_id, command)
        return FoundPassages(passages=found)

    def describe(self, result: FoundPassages, messages: Messages, clock: Clock) -> str:
        """Return passages with their places, each with all of its text."""
        lines = [f"- {_place(each, messages)}: {each.text}" for each in result.passages]
        return "\n".join(lines) or messages.say("search_documents.none")


def _place(passage: FoundPassage, messages: Messages) -> str:
    parts = [passage.document]
    if passage.page:
        parts.append(messages.say("search_documents.page", page=passage.page))
    return ", ".join([*parts, *passage.headings[-1:]])
