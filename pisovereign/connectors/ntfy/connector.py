"""Notifications that an app of ntfy's shows, on a topic of each person's own."""

from __future__ import annotations

from pisovereign.connectors.contract import Connector, only_owner
from pisovereign.connectors.form import ConnectionKind, FieldSpec, hosts_of
from pisovereign.connectors.ntfy.settings import NtfyConfig

CONNECTOR = Connector(
    kind=ConnectionKind(
        name="ntfy",
        section="ntfy",
        personal=True,
        fields=(
            FieldSpec("topic", required=True, names_server=True, placeholder="house-8f2c61d4a0e9"),
            FieldSpec("server", required=True, names_server=True, placeholder="https://ntfy.sh"),
            FieldSpec("token", "secret"),
            FieldSpec("priority", "choice"),
            FieldSpec("show_text", "switch"),
            FieldSpec("show_approvals", "switch"),
            FieldSpec("page_url", advanced=True, placeholder="https://pisovereign.local"),
        ),
        is_set=lambda section: bool(section.topic),
        hosts=lambda section: hosts_of(section.server),
    ),
    settings=NtfyConfig,
    module="pisovereign.connectors.ntfy.connected",
    channel="ntfy",
    delivery="ntfy.topic",
    owners=lambda section, users: only_owner((section.user_id,), users),
)
