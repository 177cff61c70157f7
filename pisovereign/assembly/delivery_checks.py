"""Say at the start what is to be delivered in a way that cannot reach its user.

It is no reason to refuse the start: what is missing can be set up on the page, which has to be
there for that.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

from pisovereign.config import Config
from pisovereign.connectors.whatsapp.live import SETTING as WHATSAPP_SETTING
from pisovereign.connectors.whatsapp.live import WhatsAppParts
from pisovereign.notifications.types import Channel

_log = logging.getLogger(__name__)
Sends = Callable[[UUID], bool]


def warn_of_missing_channels(
    config: Config, users: Sequence[UUID], sends_mail: Sends, whatsapp: WhatsAppParts | None
) -> None:
    """Write a line into the log for each way of delivery that cannot work."""
    for problem in (
        *missing_channels(config, users, sends_mail, whatsapp),
        *unreachable_users(config, users, sends_mail, whatsapp),
    ):
        _log.warning("%s; or set it up on the page, under Connections", problem)


def missing_channels(
    config: Config, users: Sequence[UUID], sends_mail: Sends, whatsapp: WhatsAppParts | None
) -> Iterator[str]:
    """Yield what is wrong with each way of delivery that a setting names and nobody has."""
    if whatsapp is None and (setting := _delivers_by("whatsapp", config)):
        yield f"{setting} names whatsapp: set {WHATSAPP_SETTING}"
    if not any(map(sends_mail, users)) and (setting := _delivers_by("mail", config)):
        yield f"{setting} names mail: set email.smtp_host"


def unreachable_users(
    config: Config, users: Sequence[UUID], sends_mail: Sends, whatsapp: WhatsAppParts | None
) -> Iterator[str]:
    """Yield whose schedules cannot be told in the way that they name."""
    only = users[0] if len(users) == 1 else None
    if any(map(sends_mail, users)):
        for place, name in _schedules_by("mail", config):
            user = UUID(name) if name else only
            if user and not sends_mail(user):
                yield f"{place} names mail: its user has no mailbox that sends"
    if whatsapp is not None:
        for place, name in _schedules_by("whatsapp", config):
            user = UUID(name) if name else only
            if user and whatsapp.people.phone(user) is None:
                yield f"{place} names whatsapp: its user has no number in whatsapp.senders"


def _delivers_by(channel: Channel, config: Config) -> str | None:
    """Return the setting that wants something delivered this way; None: there is none."""
    if channel in config.reminders.deliver:
        return "reminders.deliver"
    return next((place for place, _ in _schedules_by(channel, config)), None)


def _schedules_by(channel: Channel, config: Config) -> Iterator[tuple[str, str]]:
    """Yield the settings of schedules that want results delivered this way, and their users."""
    if config.agentic.enabled:
        for i, schedule in enumerate(config.agentic.schedules):
            if schedule.enabled and channel in schedule.deliver:
                yield f"agentic.schedules[{i}].deliver", schedule.user_id
