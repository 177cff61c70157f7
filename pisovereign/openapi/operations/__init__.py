"""Every route, a file for each part of the API."""

from __future__ import annotations

from pisovereign.openapi.operation import Operation
from pisovereign.openapi.operations import (
    chat,
    commands,
    documentation,
    memories,
    openai,
    reminders,
    system,
    webhooks,
)

OPERATIONS: tuple[Operation, ...] = (
    *system.OPERATIONS,
    *chat.OPERATIONS,
    *commands.OPERATIONS,
    *memories.OPERATIONS,
    *reminders.OPERATIONS,
    *openai.OPERATIONS,
    *webhooks.OPERATIONS,
    *documentation.OPERATIONS,
)
