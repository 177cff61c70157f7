"""Searching the web."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from pisovereign.actions.action import DirectAction
from pisovereign.actions.backends import SOURCE_LIMIT_S, within
from pisovereign.actions.caller import Caller
from pisovereign.actions.command import Command
from pisovereign.actions.intent import Intent, ModelTool
from pisovereign.actions.messages import quote
from pisovereign.actions.spec import ActionSpec
from pisovereign.connectors.web.types import WebResult
from pisovereign.languages.messages import Clock, Messages
from pisovereign.reading.partial_commands import PartialCommand, Wording
from pisovereign.text.untrusted import plain
from pisovereign.validation import no_nul, not_blank

Query = Annotated[str, Meta(min_length=1, max_length=300, extra={"rules": (not_blank, no_nul)})]


class SearchWeb(Command, frozen=True, kw_only=True, omit_defaults=True):
    """Search the web; the words of `query` leave this machine."""

    query: Query
    count: Annotated[int, Meta(ge=1, le=10)] = 5


class WebResults(msgspec.Struct, frozen=True, kw_only=True):
    """The results of a search, the best first; none of the pages was read."""

    query: str
    results: list[WebResult]


def _read(wording: Wording) -> PartialCommand:
    return PartialCommand(SearchWeb, {"query": wording.said("query")}, ("query",))


class SearchWebAction(DirectAction[SearchWeb, WebResults]):
    """Asks the search server."""

    spec = ActionSpec(
        name="search_web",
        type=SearchWeb,
        result=WebResults,
        sources=("web",),
        needs="search",
        intents=(Intent("web_search", _read),),
        of_the_world=True,
        model=ModelTool(
            "Search the web for what you do not know. Name the sources in your answer.",
            {"query": "What to look for, in a few words"},
        ),
    )

    async def run(self, caller: Caller, command: SearchWeb) -> WebResults:
        """Return what is found.

        Raises:
            NotConfigured: No search server is set up.
            UpstreamError: It does not answer.
        """
        asked = self._backends.web_search.search(command.query, caller.language, command.count)
        found = await within(SOURCE_LIMIT_S, asked, "The search server")
        return WebResults(query=command.query, results=found)

    def describe(self, result: WebResults, messages: Messages, clock: Clock) -> str:
        """Return what was found, each with its host and its address."""
        query = quote(result.query)
        if not result.results:
            return messages.say("search_web.none", query=query)
        listed = "\n".join(
            f"{number}. {quote(found.title)} ({found.host}): {quote(found.snippet)}\n"
            f"   {plain(found.url)}"
            for number, found in enumerate(result.results, start=1)
        )
        return messages.say("search_web", query=query, list=listed)
