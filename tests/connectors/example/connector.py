"""A pager of each person's own."""

from __future__ import annotations

from pisovereign.connectors.contract import Connector, only_owner
from pisovereign.connectors.form import ConnectionKind, FieldSpec, hosts_of
from tests.connectors.example.settings import PagerConfig

CONNECTOR = Connector(
    kind=ConnectionKind(
        name="pager",
        section="pager",
        personal=True,
        fields=(
            FieldSpec("server", required=True, names_server=True),
            FieldSpec("code", "secret", required=True),
        ),
        is_set=lambda section: bool(section.server),
        hosts=lambda section: hosts_of(section.server),
    ),
    settings=PagerConfig,
    module="tests.connectors.example.connected",
    channel="pager",
    owners=lambda section, users: only_owner((), users),
)
