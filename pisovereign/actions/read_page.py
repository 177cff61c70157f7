"""Reading a page of the web."""

from __future__ import annotations

from functools import partial
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
from pisovereign.languages.messages import Clock, Messages
from pisovereign.reading.partial_commands import PartialCommand, Wording
from pisovereign.text.untrusted import one_line, plain
from pisovereign.validation import no_nul, not_blank

_MOST_SHOWN = 3_000
Url = Annotated[str, Meta(min_length=1, max_length=2_000, extra={"rules": (not_blank, no_nul)})]


class ReadPage(Command, frozen=True, kw_only=True, omit_defaults=True):
    """Read the page at a URL, which leaves this machine; with `summary`, in a few sentences."""

    url: Url
    summary: bool = False


class ReadWebPage(msgspec.Struct, frozen=True, kw_only=True):
    """The text of a page; `url` is where redirects led, and `is_cut` says that there is more.

    `summary` was written by the model, from the beginning of the text; None: there is none.
    """

    title: str
    url: str
    host: str
    text: str
    is_cut: bool
    summary: str | None = None


def _read(summary: bool, wording: Wording) -> PartialCommand:
    return PartialCommand(ReadPage, {"url": wording.said("url"), "summary": summary}, ("url",))


class ReadPageAction(DirectAction[ReadPage, ReadWebPage]):
    """Reads a page."""

    spec = ActionSpec(
        name="read_page",
        type=ReadPage,
        result=ReadWebPage,
        sources=("web",),
        needs="pages",
        intents=(
            Intent("page_read", partial(_read, False)),
            Intent("page_summary", partial(_read, True)),
        ),
        of_the_world=True,
        model=ModelTool(
            "Read a web page whose address the user gave.",
            {"url": "Address of the page, as the user gave it"},
            quoted=frozenset(("url",)),
        ),
    )

    async def run(self, caller: Caller, command: ReadPage) -> ReadWebPage:
        """Return the text of a page.

        Raises:
            NotConfigured: Pages are not read here.
            ValidationFailed: That is no address of a page.
            UpstreamError: It is not read.
        """
        url = command.url if "://" in command.url else f"https://{command.url}"
        asked = self._backends.pages.read(url, caller.language)
        page = await within(SOURCE_LIMIT_S, asked, "The page")
        summary: str | None = None
        if command.summary:
            summary = await self._backends.summaries.summarize(
                caller.identity.user_id, page.title, page.text, caller.language
            )
        return ReadWebPage(
            title=page.title,
            url=page.url,
            host=page.host,
            text=page.text,
            is_cut=page.is_cut,
            summary=summary,
        )

    def describe(self, result: ReadWebPage, messages: Messages, clock: Clock) -> str:
        """Return the summary, or the beginning of the text, and where it is from."""
        names = {"title": quote(result.title), "host": result.host, "url": plain(result.url)}
        if result.summary is not None:
            return messages.say("read_page.summary", text=result.summary, **names)
        text = result.text[:_MOST_SHOWN]
        lines = "\n".join(one_line(line) for line in text.splitlines())
        if result.is_cut or len(result.text) > _MOST_SHOWN:
            lines += " …"
        return messages.say("read_page", text=lines, **names)
