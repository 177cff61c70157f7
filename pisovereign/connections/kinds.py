"""The forms of settings that are no connections, and are changed in the same way."""

from __future__ import annotations

from collections.abc import Mapping

from pisovereign.config import ApprovalsConfig, RemindersConfig
from pisovereign.connectors.form import ConnectionKind, FieldSpec
from pisovereign.connectors.registry import CONNECTORS, ways

KINDS: Mapping[str, ConnectionKind] = {
    connector.kind.name: connector.kind for connector in CONNECTORS
}
"""The connections that there may be, by their names."""
_USUAL_REMINDERS = RemindersConfig()
REMINDERS = ConnectionKind(
    name="reminders",
    section="reminders",
    personal=True,
    fields=(
        FieldSpec("deliver", "choices", choices=ways(), unoffered=("events",)),
        FieldSpec("snooze_minutes", "number"),
    ),
    is_set=lambda section: (
        (section.deliver, section.snooze_minutes)
        != (_USUAL_REMINDERS.deliver, _USUAL_REMINDERS.snooze_minutes)
    ),
)
_USUAL_APPROVALS = ApprovalsConfig()
APPROVALS = ConnectionKind(
    name="approvals",
    section="approvals",
    personal=True,
    fields=(FieldSpec("deliver", "choices", choices=ways(), unoffered=("events",)),),
    is_set=lambda section: section.deliver != _USUAL_APPROVALS.deliver,
)
BACKUP = ConnectionKind(
    name="backup",
    section="backup",
    personal=False,
    fields=(
        FieldSpec("schedule", "choice", required=True),
        FieldSpec("passphrase", "secret"),
        FieldSpec("hour", "number"),
        FieldSpec("weekday", "choice"),
        FieldSpec("keep_daily", "number", advanced=True),
        FieldSpec("keep_weekly", "number", advanced=True),
        FieldSpec("keep_monthly", "number", advanced=True),
    ),
    is_set=lambda section: section.schedule != "never",
)
PREFERENCES: Mapping[str, ConnectionKind] = {
    kind.name: kind for kind in (REMINDERS, APPROVALS, BACKUP)
}
