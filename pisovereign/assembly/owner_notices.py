"""Construction of notices to owners about what is the household's."""

from __future__ import annotations

from pisovereign.accounts.people_store import PeopleStore
from pisovereign.accounts.supervision import Supervision
from pisovereign.assembly.infrastructure import Infrastructure
from pisovereign.assembly.integrations import Integrations
from pisovereign.connectors.connection_store import HOUSEHOLD
from pisovereign.notifications.owner_notices import OwnerNotices
from pisovereign.notifications.service import NotificationService


def build_owner_notices(
    base: Infrastructure, integrations: Integrations, notifications: NotificationService
) -> OwnerNotices:
    """Return it; owners are told as they want to be told of what waits for their approval."""
    return OwnerNotices(
        database=base.database,
        notifications=notifications,
        household=HOUSEHOLD,
        owners=Supervision(base.keys, PeopleStore(base.sealer)).owners,
        ways=integrations.approval_preferences.ways,
        language=integrations.language,
    )
