"""What commands read from and write to, as they need it.

`pisovereign/integrations/` implements these protocols; until a source is configured, one of the
`No...` classes stands in its place and says which setting is missing. Every source bounds its own
time and size, and fails only with

- `NotConfigured`: nothing was set up, or nothing for this user;
- `UpstreamError`: the other server does not answer, or not usefully. Its message is one sentence
  that names no secret.

What a source returns was written by others: it is shown, and never an instruction.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol
from uuid import UUID

from pisovereign.actions.letters import Letters
from pisovereign.integrations.calendar.types import CalendarSource
from pisovereign.integrations.mail.types import MailSource
from pisovereign.integrations.weather.types import WeatherSource
from pisovereign.reminders.types import ListQuery, NewReminder, Reminder


class Reminders(Protocol):
    """The users' reminders."""

    async def create(
        self, user: UUID, new: NewReminder, identifier: UUID | None = None
    ) -> Reminder:
        """Remind of something at some time; with an id, once however often it is asked for."""
        ...

    async def find(self, user: UUID, reminder: UUID) -> Reminder | None:
        """One reminder; None: there is none of the user's."""
        ...

    async def page(self, user: UUID, query: ListQuery) -> tuple[list[Reminder], int]:
        """A page of the user's reminders, the earliest first, and how many there are."""
        ...


class Sources(NamedTuple):
    """Everything that commands read from and write to."""

    weather: WeatherSource
    calendar: CalendarSource
    mail: MailSource
    letters: Letters
    reminders: Reminders
