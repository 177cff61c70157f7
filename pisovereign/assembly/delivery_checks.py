"""Say at the start what is to be delivered in a way that cannot reach its user.

It is no reason to refuse the start: what is missing can be set up on the page, which has to be
there for that.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

from pisovereign.config import Config
from pisovereign.connectors.contract import Connector

_log = logging.getLogger(__name__)
Reaches = Callable[[UUID, str], bool]
"""Tells whether a user is reached by a channel."""


def warn_of_missing_channels(
    config: Config, users: Sequence[UUID], connectors: Sequence[Connector], reaches: Reaches
) -> None:
    """Write a line into the log for each way of delivery that cannot work."""
    for connector in connectors:
        if connector.channel:
            for problem in problems(config, users, connector, reaches):
                _log.warning("%s; or set it up on the page, under Connections", problem)


def problems(
    config: Config, users: Sequence[UUID], connector: Connector, reaches: Reaches
) -> Iterator[str]:
    """Yield what is wrong with a way of delivery that settings name."""
    channel = connector.channel
    if not any(reaches(user, channel) for user in users):
        if setting := _delivers_by(channel, config):
            yield f"{setting} names {channel}: set {connector.delivery}"
        return
    only = users[0] if len(users) == 1 else None
    for place, name in _schedules_by(channel, config):
        user = UUID(name) if name else only
        if user and not reaches(user, channel):
            yield f"{place} names {channel}: its user is not reached by it"


def _delivers_by(channel: str, config: Config) -> str | None:
    """Return the setting that wants something delivered this way; None: there is none."""
    if channel in config.reminders.deliver:
        return "reminders.deliver"
    return next((place for place, _ in _schedules_by(channel, config)), None)


def _schedules_by(channel: str, config: Config) -> Iterator[tuple[str, str]]:
    """Yield the settings of schedules that want results delivered this way, and their users."""
    if config.agentic.enabled:
        for i, schedule in enumerate(config.agentic.schedules):
            if schedule.enabled and channel in schedule.deliver:
                yield f"agentic.schedules[{i}].deliver", schedule.user_id
