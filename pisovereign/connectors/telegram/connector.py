"""A bot of Telegram's, which is asked for messages."""

from __future__ import annotations

from pisovereign.connectors.contract import Connector
from pisovereign.connectors.form import ConnectionKind, FieldSpec, hosts_of
from pisovereign.connectors.telegram.settings import TelegramConfig

CONNECTOR = Connector(
    kind=ConnectionKind(
        name="telegram",
        section="telegram",
        personal=False,
        fields=(
            FieldSpec("bot_token", "secret", required=True),
            FieldSpec("language", "choice"),
            FieldSpec("show_approvals", "switch"),
        ),
        is_set=lambda section: bool(section.bot_token),
        hosts=lambda section: hosts_of(section.api_url),
    ),
    settings=TelegramConfig,
    module="pisovereign.connectors.telegram.connected",
    channel="telegram",
    delivery="telegram.bot_token",
)
