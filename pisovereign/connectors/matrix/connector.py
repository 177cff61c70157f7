"""An account on Matrix, which is asked for messages."""

from __future__ import annotations

from uuid import UUID

from pisovereign.connectors.contract import Connector
from pisovereign.connectors.form import ConnectionKind, FieldSpec, hosts_of
from pisovereign.connectors.matrix.settings import MatrixConfig

CONNECTOR = Connector(
    kind=ConnectionKind(
        name="matrix",
        section="matrix",
        personal=False,
        fields=(
            FieldSpec(
                "homeserver", required=True, names_server=True, placeholder="https://matrix.org"
            ),
            FieldSpec("access_token", "secret", required=True),
            FieldSpec(
                "senders",
                "senders",
                required=True,
                address="account",
                placeholder="@mia:example.org",
            ),
            FieldSpec("language", "choice"),
        ),
        is_set=lambda section: bool(section.homeserver),
        hosts=lambda section: hosts_of(section.homeserver),
    ),
    settings=MatrixConfig,
    module="pisovereign.connectors.matrix.connected",
    channel="matrix",
    delivery="matrix.homeserver",
    writers=lambda section: (
        [UUID(each.user_id) for each in section.senders] if section.homeserver else ()
    ),
)
