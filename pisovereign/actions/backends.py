"""Sources that actions read from and write to, as protocols.

`pisovereign/connectors/` implements most of these protocols; until a service is configured, one
of the `No...` classes stands in its place and says which setting is missing. Every one of them
bounds its own time and size, and fails only with

- `NotConfigured`: nothing was set up, or nothing for this user;
- `UpstreamError`: the other server does not answer, or not usefully. Its message is one sentence
  that names no secret.

What they return was written by others: it is shown, and never an instruction.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from uuid import UUID

from pisovereign.actions.spec import ActionSpec, Part
from pisovereign.api_keys import Identity
from pisovereign.catalog.types import CatalogRun, Execution, PreparedRun
from pisovereign.connectors.calendar.contact_types import ContactSource
from pisovereign.connectors.calendar.task_types import TaskSource
from pisovereign.connectors.calendar.types import CalendarSource, Edit, EventChange
from pisovereign.connectors.email.composer import Composer
from pisovereign.connectors.email.types import MailSource, OutgoingMail
from pisovereign.connectors.home_assistant.types import HomeSource
from pisovereign.connectors.mcp.types import PinnedCall, ToolAnswer
from pisovereign.connectors.waste.types import WasteSource
from pisovereign.connectors.weather.types import WeatherSource
from pisovereign.connectors.web.types import PageReader, WebSearch
from pisovereign.documents.types import DocumentSearch, FoundPassage
from pisovereign.errors import NotConfigured, UpstreamError
from pisovereign.languages import Language
from pisovereign.languages.messages import Clock
from pisovereign.lists.service import Added
from pisovereign.lists.types import ListSummary, UserList
from pisovereign.locales import Zones
from pisovereign.memory.types import CreatedMemory, FoundMemory, Memory, SearchQuery
from pisovereign.reminders.types import ListQuery, NewReminder, Reminder, ReminderPatch

if TYPE_CHECKING:
    from pisovereign.connectors.email.outgoing import Drafted, Sent

T = TypeVar("T")
# A source keeps to limits of its own; this one holds when it does not.
SOURCE_LIMIT_S = 60.0


class Reminders(Protocol):
    """The users' reminders."""

    async def create(
        self, user: UUID, new: NewReminder, identifier: UUID | None = None
    ) -> Reminder:
        """Create a reminder; with an id, once however often it is asked for."""
        ...

    async def find(self, user: UUID, reminder: UUID) -> Reminder | None:
        """Return a reminder; None: there is none of the user's."""
        ...

    async def page(self, user: UUID, query: ListQuery) -> tuple[list[Reminder], int]:
        """Return a page of the user's reminders, the earliest first, and how many there are."""
        ...

    async def change(self, user: UUID, reminder: UUID, patch: ReminderPatch) -> Reminder:
        """Give a reminder another title or time."""
        ...

    async def snooze(self, user: UUID, reminder: UUID, minutes: int | None) -> Reminder:
        """Put a reminder off; without minutes, as configured."""
        ...

    async def delete(self, user: UUID, reminder: UUID) -> None:
        """Delete a reminder."""
        ...

    async def end_series(self, user: UUID, series: UUID) -> None:
        """Delete what is open of a series."""
        ...


class Lists(Protocol):
    """The users' lists."""

    async def lists(self, user: UUID) -> list[ListSummary]:
        """Return all lists of a user, the oldest first."""
        ...

    async def get(self, user: UUID, list_id: UUID) -> UserList:
        """Return a list."""
        ...

    async def find(self, user: UUID, name: str) -> UserList | None:
        """Return the list that is meant by a name; None: there is none."""
        ...

    async def create(self, user: UUID, name: str) -> tuple[UserList, bool]:
        """Return the list of a name, and whether it was made."""
        ...

    async def add(self, user: UUID, name: str, texts: Sequence[str]) -> Added:
        """Add items to the list of a name, which is made if it is not there."""
        ...

    async def remove(self, user: UUID, list_id: UUID, items: Sequence[UUID]) -> UserList:
        """Remove items of a list."""
        ...

    async def delete(self, user: UUID, list_id: UUID) -> None:
        """Delete a list."""
        ...


class Catalog(Protocol):
    """The system commands."""

    @property
    def limit_s(self) -> float:
        """The longest time that a command takes, in seconds."""
        ...

    async def bind(
        self, identity: Identity, command: str, arguments: Mapping[str, str]
    ) -> PreparedRun:
        """Return what would be executed, and whether only after an approval."""
        ...

    async def execute(self, identity: Identity, prepared: PreparedRun) -> Execution:
        """Execute a command that needs no approval."""
        ...

    async def execute_approved(self, user: UUID, run: CatalogRun) -> Execution:
        """Execute exactly what was approved."""
        ...


class Memories(Protocol):
    """The facts that users want to be remembered."""

    async def search(self, user: UUID, query: SearchQuery) -> list[FoundMemory]:
        """Return the best memories for a query."""
        ...

    async def remember(self, user: UUID, statement: str) -> CreatedMemory:
        """Store a fact in the user's words; one that is known already is kept once."""
        ...

    async def facts(
        self, user: UUID, question: str | None, limit: int = 20
    ) -> tuple[list[Memory], int]:
        """Return the memories that answer a question, or the newest, and how many there are."""
        ...

    async def get(self, user: UUID, memory: UUID) -> Memory:
        """Return one memory."""
        ...

    async def delete(self, user: UUID, memory: UUID) -> None:
        """Delete a memory."""
        ...


class Documents(Protocol):
    """The users' documents."""

    async def search(self, user: UUID, query: DocumentSearch) -> list[FoundPassage]:
        """Return the passages that fit a question best."""
        ...


class EventEditor(Protocol):
    """Calendars whose events can be changed."""

    async def prepare(
        self, user: UUID, event: str, edit: Edit, *, delete: bool = False
    ) -> EventChange:
        """Return a change that is ready to be made."""
        ...

    async def change(self, user: UUID, change: EventChange) -> str:
        """Make a change, and return the name of the calendar."""
        ...


class MailSender(Protocol):
    """Sends mails, each from the mailbox of a user."""

    @property
    def limit_s(self) -> float:
        """Return how long `send` may take, in seconds."""
        ...

    async def send(self, user: UUID, mail: OutgoingMail, number: UUID) -> Sent:
        """Send a mail; by `number`, which no other has, it is found again."""
        ...


class MailDrafter(Protocol):
    """Puts mails into the drafts of a user."""

    @property
    def limit_s(self) -> float:
        """Return how long `draft` may take, in seconds."""
        ...

    async def draft(self, user: UUID, mail: OutgoingMail, number: UUID) -> Drafted:
        """Store a mail as a draft; by `number`, which no other has, it is found again."""
        ...


class OutsideTools(Protocol):
    """Tools of other programs, which users have allowed."""

    @property
    def limit_s(self) -> float:
        """Return how long `call` may take, in seconds."""
        ...

    async def pinned(
        self, user: UUID, server: str, tool: str, arguments: Mapping[str, Any]
    ) -> PinnedCall:
        """Return a call as it is shown and made.

        Raises:
            ValidationFailed: The tool is not allowed, or cannot be called so.
        """
        ...

    async def call(self, user: UUID, call: PinnedCall) -> ToolAnswer:
        """Call a tool, once, if it is still what was allowed."""
        ...


class NoOutsideTools:
    """Nobody has any."""

    limit_s = SOURCE_LIMIT_S

    async def pinned(
        self, user: UUID, server: str, tool: str, arguments: Mapping[str, Any]
    ) -> PinnedCall:
        """Say that there is none."""
        raise NotConfigured("A tool server", "mcp.servers")

    async def call(self, user: UUID, call: PinnedCall) -> ToolAnswer:
        """Say that there is none."""
        raise NotConfigured("A tool server", "mcp.servers")


class Summarizer(Protocol):
    """Has the model summarize texts that others wrote."""

    async def summarize(self, user: UUID, title: str, text: str, language: Language) -> str | None:
        """Return a summary; None: there is none."""
        ...


# Whether a user has something that not everybody has.
Has = Callable[[UUID, Part], bool]


def _has_everything(user: UUID, part: Part) -> bool:
    return True


def _goes_to_a_server(user: UUID) -> bool:
    return False


@dataclass(frozen=True, kw_only=True)
class Backends:
    """Everything that actions are carried out with.

    `commands` is what can be asked for. `event_editor`, `sender` and `drafter` are None where
    nothing can do that; `has` says what is set up for a user now, and `keeps_calendar` whether new
    events and tasks of a user stay in the program. `zones` returns where a user is, whose midnights
    part the days. The limits are in seconds.
    """

    commands: Sequence[ActionSpec]

    weather: WeatherSource
    waste: WasteSource
    home: HomeSource
    calendar: CalendarSource
    event_editor: EventEditor | None
    tasks: TaskSource
    contacts: ContactSource
    web_search: WebSearch
    pages: PageReader
    summaries: Summarizer
    mail: MailSource
    composer: Composer
    sender: MailSender | None
    drafter: MailDrafter | None
    reminders: Reminders
    lists: Lists
    catalog: Catalog
    memories: Memories
    documents: Documents
    zones: Zones
    briefing_limit_s: float
    calendar_limit_s: float
    outside_tools: OutsideTools = field(default_factory=NoOutsideTools)
    has: Has = _has_everything
    keeps_calendar: Callable[[UUID], bool] = _goes_to_a_server

    def clock(self, user: UUID) -> Clock:
        """Return the time it is now where a user is."""
        return Clock(dt.datetime.now(dt.UTC), self.zones(user))


async def within(limit_s: float, asked: Awaitable[T], server: str) -> T:
    """Return what a source answers within a limit.

    Raises:
        UpstreamError: It takes longer.
    """
    try:
        async with asyncio.timeout(limit_s):
            return await asked
    except TimeoutError:
        raise UpstreamError(f"{server} did not answer within {limit_s:g} seconds") from None
