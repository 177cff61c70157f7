"""Refuse a configuration that wants something delivered in a way that cannot reach its user."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from pisovereign.assembly.mail import MailParts
from pisovereign.config import Config
from pisovereign.errors import StartError
from pisovereign.notifications.types import Channel
from pisovereign.webhooks.whatsapp.build import WhatsApp


def require_channels(config: Config, mail: MailParts | None, whatsapp: WhatsApp | None) -> None:
    """Check that every way of delivery that a setting names is configured.

    Raises:
        StartError: One is not.
    """
    if whatsapp is None and (setting := _delivers_by("whatsapp", config)):
        raise StartError(f"{setting} names whatsapp: set whatsapp.phone_number_id")
    if not (mail and mail.channel) and (setting := _delivers_by("mail", config)):
        raise StartError(f"{setting} names mail: set email.smtp_host")


def require_reachable(
    config: Config, users: Sequence[UUID], mail: MailParts | None, whatsapp: WhatsApp | None
) -> None:
    """Check that whoever has a schedule can be reached in the way that it names.

    Raises:
        StartError: somebody cannot.
    """
    only = users[0] if len(users) == 1 else None
    for place, name in _schedules_by("mail", config):
        user = UUID(name) if name else only
        if user and mail and mail.channel and mail.channel.owner != user:
            raise StartError(f"{place} names mail: the mailbox in [email] is not its user's")
    for place, name in _schedules_by("whatsapp", config):
        user = UUID(name) if name else only
        if user and whatsapp and whatsapp.people.phone(user) is None:
            raise StartError(f"{place} names whatsapp: its user has no number in whatsapp.senders")


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
