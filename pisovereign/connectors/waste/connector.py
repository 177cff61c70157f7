"""The waste collection, from a calendar that others publish."""

from __future__ import annotations

from pisovereign.connectors.contract import Connector
from pisovereign.connectors.form import ConnectionKind, FieldSpec, hosts_of, required
from pisovereign.connectors.waste.settings import WasteConfig, https_of
from pisovereign.errors import FieldError

_BOTH = "and waste.url are not set together"


def _problems(section: WasteConfig) -> list[FieldError]:
    if section.url and section.file:
        return [{"field": "values.file", "error": "is only given without an address"}]
    return [] if section.url or section.file else [required("url")]


def _fault(section: WasteConfig) -> FieldError | None:
    return {"field": "waste.file", "error": _BOTH} if section.url and section.file else None


CONNECTOR = Connector(
    kind=ConnectionKind(
        name="waste",
        section="waste",
        personal=False,
        fields=(
            FieldSpec("url", placeholder="https://www.example.org/waste.ics"),
            FieldSpec("file", "file", placeholder=".ics"),
            FieldSpec("refresh_hours", "number", advanced=True),
        ),
        is_set=lambda section: bool(section.url or section.file),
        problems=_problems,
        hosts=lambda section: hosts_of(https_of(section.url)),
    ),
    settings=WasteConfig,
    module="pisovereign.connectors.waste.connected",
    fault=_fault,
)
