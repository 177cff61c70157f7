"""Searching the web, with a SearXNG of somebody's own."""

from __future__ import annotations

from pisovereign.connectors.contract import Connector
from pisovereign.connectors.form import ConnectionKind, FieldSpec, hosts_of
from pisovereign.connectors.web.settings import SearchConfig, WebConfig

CONNECTOR = Connector(
    kind=ConnectionKind(
        name="search",
        section="search",
        personal=False,
        fields=(
            FieldSpec(
                "url", required=True, names_server=True, placeholder="https://search.example"
            ),
        ),
        is_set=lambda section: bool(section.url),
        hosts=lambda section: hosts_of(section.url),
    ),
    settings=SearchConfig,
    module="pisovereign.connectors.web.connected",
    beside={"web": WebConfig},
)
