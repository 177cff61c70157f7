"""Every route, a file for each part of the API."""

from __future__ import annotations

from pisovereign.openapi.operation import Operation
from pisovereign.openapi.operations import (
    agents,
    approvals,
    calendar,
    chat,
    commands,
    documentation,
    mcp,
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
    *approvals.OPERATIONS,
    *memories.OPERATIONS,
    *calendar.OPERATIONS,
    *reminders.OPERATIONS,
    *agents.OPERATIONS,
    *openai.OPERATIONS,
    *mcp.OPERATIONS,
    *webhooks.OPERATIONS,
    *documentation.OPERATIONS,
)
